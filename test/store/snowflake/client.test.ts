import { expect } from 'chai';
import { ApplicationError } from '../../../src/domain/errors.js';
import { createClient } from '../../../src/store/snowflake/client.js';
import type { Client } from '../../../src/store/snowflake/client.js';
import { createPool } from '../../../src/store/snowflake/pool.js';
import { startDeadline } from '../../../src/store/deadline.js';
import type { Change } from '../../../src/store/snowflake/write.js';
import { storedDeployment } from '../../support/stored.js';
import { batchError, driverError, FakeLink, MemoryLog, options } from './fakes.js';

const change: Change = {
  id: 'change-1',
  organisation: 'acme',
  changes: { deployments: { created: [storedDeployment(1)] } },
};
describe('a request to Snowflake', () => {
  let sent: string[];
  let links: FakeLink[];
  let client: Client;

  /** Answers the nth statement by the nth answer, and those after with no rows. */
  function answering(...answers: (Error | readonly Record<string, unknown>[])[]): void {
    sent = [];
    links = [];
    const open = () => {
      const link = new FakeLink();
      links.push(link);
      link.answer = (sql) => {
        sent.push(sql.trim().split(/\s/, 1)[0] ?? '');
        const answer = answers.shift() ?? [];
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve([...answer]);
      };
      return Promise.resolve(link);
    };
    const log = new MemoryLog();
    const pool = createPool(open, { size: 4, waitMs: 100, queue: 10 }, log);
    client = createClient(pool, { tables: 'hybrid', timeoutMs: 300 }, log);
  }

  const read = () => client.read({ sql: 'SELECT 1', values: [] }, startDeadline(500));
  const write = () => client.write(change, startDeadline(500));
  const failure = (call: Promise<unknown>) => call.catch((error: unknown) => error);

  it('that reads is repeated in a new session when its own has ended', async () => {
    answering(driverError(407002), [{ N: 1 }]);
    expect(await read()).to.deep.equal([{ N: 1 }]);
    expect(links).to.have.length(2);
    expect(links[0]?.closed).to.equal(true);
  });

  it('that reads is given up after three losses, and answered unavailable', async () => {
    answering(driverError(401001), driverError(401001), driverError(401001), [{ N: 1 }]);
    expect(await failure(read()))
      .to.be.instanceOf(ApplicationError)
      .with.property('code', 'unavailable');
  });

  it('that is wrong fails as it is, once', async () => {
    const wrong = driverError('000904', 'invalid identifier', '42000');
    answering(wrong);
    expect(await failure(read())).to.equal(wrong);
    expect(sent).to.deep.equal(['SELECT']);
  });

  it('that ran out of time is repeated', async () => {
    answering(driverError('000630', 'Statement reached its timeout', '57014'), [{ N: 1 }]);
    expect(await read()).to.deep.equal([{ N: 1 }]);
  });

  it('that changes is one batch, and nothing is asked when it succeeds', async () => {
    answering([]);
    expect(await write()).to.equal(undefined);
    expect(sent).to.deep.equal(['BEGIN']);
  });

  for (const [what, message] of [
    ['whose data has changed', 'NULL result in a non-nullable column'],
    ['whose key is taken', 'Primary key already exists'],
    ['whose lock was not to be had', "Statement 'x' has locked table 'DEPLOYMENTS'"],
    [
      'that ran out of time',
      'Statement reached its statement or warehouse timeout of 15 second(s)',
    ],
    ['that was cancelled', 'SQL execution canceled'],
  ] as const) {
    it(`${what} is undone, and can be started over`, async () => {
      answering(batchError(message, 'INSERT INTO changes...'));
      expect(await write()).to.have.property('cause');
      expect(sent).to.deep.equal(['BEGIN', 'ROLLBACK']);
      expect(links[0]?.closed).to.equal(false);
    });
  }

  it('whose answer is lost is looked for, and taken for done when it was', async () => {
    answering(driverError(401001), [], [{ ABANDONED: false }]);
    expect(await write()).to.equal(undefined);
    expect(sent).to.deep.equal(['BEGIN', 'INSERT', 'SELECT']);
  });

  it('whose answer is lost is given up for good when it was not done', async () => {
    answering(driverError(401001), [], [{ ABANDONED: true }]);
    expect(await write()).to.have.property('cause');
  });

  it('that is looked for while it commits is found', async () => {
    const taken = driverError('200001', 'Primary key already exists');
    answering(driverError(401001), taken, [], [], [{ ABANDONED: false }]);
    expect(await write()).to.equal(undefined);
    expect(sent).to.deep.equal(['BEGIN', 'INSERT', 'ROLLBACK', 'INSERT', 'SELECT']);
  });

  it('whose COMMIT failed for an unknown reason is looked for as well', async () => {
    answering(batchError('internal error', 'COMMIT'), [], [], [{ ABANDONED: false }]);
    expect(await write()).to.equal(undefined);
  });

  it('that ran out of time at its COMMIT is looked for as well', async () => {
    answering(batchError('SQL execution canceled', 'COMMIT'), [], [], [{ ABANDONED: false }]);
    expect(await write()).to.equal(undefined);
    answering(
      driverError('000604', 'SQL execution canceled', '57014'),
      [],
      [],
      [{ ABANDONED: false }],
    );
    expect(await write()).to.equal(undefined);
  });

  it('that nobody can be asked about says so', async () => {
    answering(...Array<Error>(50).fill(driverError(401001)));
    const error = await failure(write());
    expect(error).to.be.instanceOf(ApplicationError).with.property('code', 'unavailable');
    expect((error as ApplicationError).message).to.match(
      /may have been made: look before repeating/,
    );
  });

  describe('that may be repeated', () => {
    const repeat = () =>
      client.repeat([{ sql: 'INSERT INTO tenants', values: [] }], startDeadline(500));
    const taken = 'Duplicate key value violates unique constraint "SYS_INDEX_UNIQUE"';

    it('is one batch, a transaction', async () => {
      answering([]);
      await repeat();
      expect(sent).to.deep.equal(['BEGIN']);
      expect(links[0]?.sent.join('')).to.match(
        /^BEGIN TRANSACTION;\nINSERT INTO tenants;\nCOMMIT$/,
      );
    });

    for (const [what, error, statements] of [
      ['its key is taken', batchError(taken, 'INSERT'), ['BEGIN', 'ROLLBACK', 'BEGIN']],
      [
        'a lock was not to be had',
        batchError("Statement 'x' has locked table 'T'", 'INSERT'),
        undefined,
      ],
      ['no answer came', driverError(401001), ['BEGIN', 'BEGIN']],
      ['its COMMIT failed for an unknown reason', batchError('internal', 'COMMIT'), undefined],
    ] as const) {
      it(`is run again when ${what}`, async () => {
        answering(error);
        await repeat();
        expect(sent).to.deep.equal(statements ?? ['BEGIN', 'ROLLBACK', 'BEGIN']);
      });
    }

    it('is given up after three losses, and answered unavailable', async () => {
      answering(...Array<Error>(3).fill(driverError(401001)));
      expect(await failure(repeat()))
        .to.be.instanceOf(ApplicationError)
        .with.property('code', 'unavailable');
      expect(sent).to.have.length(3);
    });

    it('fails as it is when nobody knows why, after three tries', async () => {
      const odd = batchError("String 'quota' is too long and would be truncated");
      answering(odd, [], odd, [], odd);
      expect(await failure(repeat())).to.equal(odd);
      expect(sent.filter((verb) => verb === 'BEGIN')).to.have.length(3);
    });

    it('fails as it is when it is wrong, once', async () => {
      const wrong = driverError('002003', 'Object TENANTS does not exist', '02000');
      answering(wrong);
      expect(await failure(repeat())).to.equal(wrong);
      expect(sent).to.deep.equal(['BEGIN', 'ROLLBACK']);
    });
  });

  it('that is never answered ends with its time, and its session with it', async () => {
    answering();
    const pool = createPool(
      () => {
        const link = new FakeLink();
        link.answer = () => new Promise(() => undefined);
        links.push(link);
        return Promise.resolve(link);
      },
      { size: 1, waitMs: 100, queue: 10 },
      new MemoryLog(),
    );
    client = createClient(pool, options, new MemoryLog());
    const error = await failure(client.read({ sql: 'SELECT 1', values: [] }, startDeadline(50)));
    expect(error).to.be.instanceOf(ApplicationError).with.property('code', 'unavailable');
    expect(links[0]?.closed).to.equal(true);
  });
});
