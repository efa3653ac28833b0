import { expect } from 'chai';
import { DeadlinePassed } from '../../../src/store/deadline.js';
import {
  classify,
  classifyTransaction,
  meansUnlocked,
} from '../../../src/store/snowflake/failure.js';
import type { FailureKind } from '../../../src/store/snowflake/failure.js';
import { unavailable } from '../../../src/store/unavailable.js';
import { batchError, driverError } from './fakes.js';

/** What callers may have stored, as errors quote it. */
const quoted =
  "Statement 'x' has locked table, quota, deadlock, throttled, Primary key already exists";

/** An error as axios makes them, with which the driver asks an OAuth server for a token. */
function oauthError(code: string, status: number): Error {
  return Object.assign(new Error(`Request failed with status code ${status}`), { code, status });
}

describe('a failure of Snowflake', () => {
  const failures: [string, unknown, FailureKind][] = [
    ['a primary key', driverError('200001', 'Primary key already exists', '22000'), 'stale'],
    ['a foreign key', driverError('200009', 'Foreign key constraint "X" was violated.'), 'stale'],
    ['NULL', driverError('100072', 'NULL result in a non-nullable column', '22000'), 'stale'],
    ['too many waiters', driverError('000625', "has locked table 'X' …", '57014'), 'contended'],
    ['a statement out of time', driverError('000630', 'reached its timeout', '57014'), 'contended'],
    ['a text that is too long', driverError('100078', `String '${quoted}' is too long`), 'broken'],
    ['a wrong password', driverError('390100', 'Incorrect username or password'), 'refused'],
    ['a wrong key', driverError('390144', 'JWT token is invalid'), 'refused'],
    ['a token of another key', driverError('394304', 'JWT token is invalid'), 'refused'],
    ['another account in a token', driverError('394307', 'JWT token is invalid'), 'refused'],
    [
      'a programmatic access token',
      driverError('394400', 'Programmatic access token is invalid.'),
      'refused',
    ],
    ['an OAuth token', driverError('390303', 'Invalid OAuth access token.'), 'refused'],
    ['a network policy', driverError('390422', 'Incoming request is not allowed'), 'refused'],
    ['an OAuth server', oauthError('ERR_BAD_REQUEST', 401), 'refused'],
    ['an OAuth server that is busy', oauthError('ERR_BAD_REQUEST', 429), 'lost'],
    ['an OAuth server that is broken', oauthError('ERR_BAD_RESPONSE', 503), 'lost'],
    ['a master token that is not known', driverError('390115', 'Master token invalid'), 'lost'],
    ['an error of the same numbers elsewhere', driverError('391801', 'Unsupported'), 'broken'],
    ['the network', driverError(401001, 'Network error'), 'lost'],
    ['the gateway', driverError(401002, 'Request failed'), 'lost'],
    ['a session that ended', driverError('390111', 'Session no longer exists'), 'lost'],
    ['a connection that ended', driverError(407002, 'terminated connection'), 'lost'],
    ['a socket', driverError('ECONNRESET', 'read ECONNRESET'), 'lost'],
    ['the time', new DeadlinePassed(), 'lost'],
    ['wrong SQL', driverError('000904', 'invalid identifier', '42000'), 'broken'],
    ['a missing right', driverError('003001', 'Insufficient privileges', '42501'), 'broken'],
    ['a refusal of our own', unavailable(new Error('x')), 'broken'],
    ['no error at all', 'text', 'broken'],
  ];
  for (const [what, error, kind] of failures) {
    it(`by ${what} is ${kind}`, () => {
      expect(classify(error)).to.equal(kind);
    });
  }

  const ofColumn = 'DML operation to table T failed on column C with error: ';
  const inBatches: [string, string, FailureKind][] = [
    ['a primary key', 'Primary key already exists', 'stale'],
    ['a unique key', 'Duplicate key value violates unique constraint "X"', 'stale'],
    ['a foreign key', 'Foreign key constraint "X" was violated.', 'stale'],
    ['NULL', 'NULL result in a non-nullable column', 'stale'],
    ['NULL, with its column', `${ofColumn}NULL result in a non-nullable column`, 'stale'],
    [
      'a lock',
      "Statement '01b6c04c-0108' has locked table 'T' in transaction 17 and this lock has not yet been released.",
      'contended',
    ],
    [
      'a statement out of time',
      'Statement reached its statement or warehouse timeout of 15 second(s) and was canceled.',
      'contended',
    ],
    ['a cancelled statement', 'SQL execution canceled', 'contended'],
    ['wrong SQL', "SQL compilation error:\nObject 'T' does not exist.", 'broken'],
    ['a missing right', "SQL access control error:\nInsufficient privileges on 'T'", 'broken'],
    ['a text that is too long', `${ofColumn}String '${quoted}' is too long`, 'unknown'],
    ['a text that is too long, without its column', `String '${quoted}' is too long`, 'unknown'],
    ['something new', 'Processing aborted by error 300005:12345', 'unknown'],
  ];
  for (const [what, inner, kind] of inBatches) {
    it(`by ${what}, among several statements, is ${kind}`, () => {
      expect(classify(batchError(inner))).to.equal(kind);
    });
  }

  it('in the row that ends a change is stale, whatever it says', () => {
    const guard = 'INSERT INTO changes (change_id...';
    expect(classify(batchError('something new', guard))).to.equal('stale');
    expect(classify(batchError('SQL compilation error:\nx', guard))).to.equal('broken');
  });

  it('is known to mean that there is no row to lock by its statement and its beginning', () => {
    const locking = 'SELECT 1 / COUNT(*) AS locked ...';
    expect(meansUnlocked(batchError('Division by zero', locking))).to.equal(true);
    expect(classify(batchError('Division by zero', locking))).to.equal('broken');
    expect(meansUnlocked(batchError('Division by zero'))).to.equal(false);
    expect(meansUnlocked(batchError('SQL execution canceled', locking))).to.equal(false);
    expect(meansUnlocked('Division by zero')).to.equal(false);
  });

  const atCommit: [string, unknown, FailureKind][] = [
    ['something new at COMMIT', batchError('something new', 'COMMIT'), 'lost'],
    ['a cancel at COMMIT', batchError('SQL execution canceled', 'COMMIT'), 'lost'],
    ['a cancel of the request', driverError('000604', 'SQL execution canceled', '57014'), 'lost'],
    ['a key at COMMIT', batchError('Primary key already exists', 'COMMIT'), 'stale'],
    ['a cancel before COMMIT', batchError('SQL execution canceled'), 'contended'],
    ['something new before COMMIT', batchError('something new'), 'unknown'],
    ['wrong SQL', driverError('001003', 'SQL compilation error', '42000'), 'broken'],
  ];
  for (const [what, error, kind] of atCommit) {
    it(`of a transaction by ${what} is ${kind}`, () => {
      expect(classifyTransaction(error)).to.equal(kind);
    });
  }
});
