import { expect } from 'chai';
import { DeadlinePassed } from '../../../src/store/deadline.js';
import { explainPostgres } from '../../../src/store/postgres/explain.js';
import {
  asServerError,
  classify,
  ConnectionLost,
  retryReason,
} from '../../../src/store/postgres/failure.js';
import type { FailureKind } from '../../../src/store/postgres/failure.js';
import { unavailable } from '../../../src/store/unavailable.js';

/** An error as pg makes it of what the server says. */
const serverError = (code: string, severity = 'ERROR') =>
  Object.assign(new Error(`the server says ${code}`), { code, severity });
/** An error of the system, whose code may look like one of the server's. */
const systemError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe('an error on the way to PostgreSQL', () => {
  const kinds: [string, unknown, FailureKind][] = [
    ['a key that is taken', serverError('23505'), 'stale'],
    ['a row that is referred to', serverError('23503'), 'stale'],
    ['what was read is no longer there', serverError('40001'), 'stale'],
    ['a deadlock', serverError('40P01'), 'contended'],
    ['a statement that ran out of its time', serverError('57014'), 'contended'],
    ['a server that starts', serverError('57P03', 'FATAL'), 'contended'],
    ['a server that is full', serverError('53300', 'FATAL'), 'contended'],
    ['an operator who ends the connection', serverError('57P01', 'FATAL'), 'lost'],
    ['a crash of another connection', serverError('57P02', 'FATAL'), 'lost'],
    ['a transaction that waited too long', serverError('25P03', 'FATAL'), 'lost'],
    ['a protocol error', serverError('08P01', 'FATAL'), 'lost'],
    ['a standby', serverError('25006'), 'outdated'],
    ['a plan of an older schema', serverError('0A000'), 'outdated'],
    ['a prepared statement that is gone', serverError('26000'), 'outdated'],
    ['a full disk', serverError('53100'), 'exhausted'],
    ['a disk that fails', serverError('58030'), 'exhausted'],
    ['a wrong password', serverError('28P01', 'FATAL'), 'refused'],
    ['a database that is not there', serverError('3D000', 'FATAL'), 'refused'],
    ['a right that is missing', serverError('42501'), 'refused'],
    ['a wrong statement', serverError('42601'), 'broken'],
    ['the time', new DeadlinePassed(), 'lost'],
    ['a connection that ends', asServerError(new Error('Connection terminated')), 'lost'],
    ['a pipe that breaks', asServerError(systemError('EPIPE')), 'lost'],
    ['what is judged already', unavailable(new Error('x')), 'broken'],
    ['a fault of the decision', new Error('x'), 'broken'],
    ['no error at all', 'x', 'broken'],
  ];
  for (const [what, error, kind] of kinds) {
    it(`means ${kind}: ${what}`, () => {
      expect(classify(error)).to.equal(kind);
    });
  }

  it('says why another try follows', () => {
    expect(retryReason(serverError('23505'))).to.equal('conflict');
    expect(retryReason(serverError('40P01'))).to.equal('lock');
    expect(retryReason(new ConnectionLost('x'))).to.equal('lost');
    expect(retryReason(serverError('0A000'))).to.equal('lost');
  });

  it('is told with what to do about it', () => {
    const told: [unknown, RegExp][] = [
      [serverError('28P01'), /password in DATABASE_URL/],
      [asServerError(systemError('ECONNREFUSED')), /ECONNREFUSED: check host and port/],
      [new AggregateError([systemError('ECONNREFUSED')]), /check host and port/],
      [systemError('SELF_SIGNED_CERT_IN_CHAIN'), /sslrootcert/],
      [serverError('42501'), /grant the role/],
      [serverError('55P03'), /in use: stop every service/],
      [new Error('strange'), /^strange \(docs\/POSTGRESQL\.md\)$/],
      ['strange', /^strange/],
    ];
    for (const [error, text] of told) expect(explainPostgres(error)).to.match(text);
  });
});
