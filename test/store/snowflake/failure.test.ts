import { expect } from 'chai';
import { classify, DeadlinePassed, failedAtCommit } from '../../../src/store/snowflake/failure.js';
import type { FailureKind } from '../../../src/store/snowflake/failure.js';
import { unavailable } from '../../../src/store/unavailable.js';
import { driverError } from './fakes.js';

/** An error as axios makes them, with which the driver asks an OAuth server for a token. */
function oauthError(code: string, status: number): Error {
  return Object.assign(new Error(`Request failed with status code ${status}`), { code, status });
}

describe('a failure of Snowflake', () => {
  const failures: [string, unknown, FailureKind][] = [
    ['a primary key', driverError('200001', 'Primary key already exists', '22000'), 'stale'],
    [
      'a unique key, in a batch',
      driverError(
        '100132',
        'Uncaught … Duplicate key value violates unique constraint "X"',
        'P0000',
      ),
      'stale',
    ],
    [
      'the guard of a change',
      driverError('100132', 'NULL result in a non-nullable column'),
      'stale',
    ],
    ['too many waiters', driverError('000625', "has locked table 'X' …", '57014'), 'contended'],
    ['a statement out of time', driverError('000630', 'reached its timeout', '57014'), 'contended'],
    ['throttling', driverError('000001', 'was throttled'), 'contended'],
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

  it('at COMMIT is told from one before it', () => {
    expect(failedAtCommit(driverError('100132', 'failed on statement "COMMIT" (at'))).to.equal(
      true,
    );
    expect(failedAtCommit(driverError('100132', 'failed on statement "INSERT"'))).to.equal(false);
  });
});
