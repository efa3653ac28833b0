import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { expect } from 'chai';
import { createGroupCommit } from '../../src/store/sqlite/group-commit.js';

describe('a group commit', () => {
  let folder: string;
  let connection: DatabaseSyncInstance;
  let statements: string[];
  let fails: ReadonlySet<string>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    connection = new DatabaseSync(join(folder, 'numbers.db'));
    connection.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT');
    statements = [];
    fails = new Set();
  });
  afterEach(async () => {
    connection.close();
    await rm(folder, { recursive: true });
  });

  /** Runs work in transactions on the real file, and notes what they are made of. */
  function open(): <T>(work: () => T) => Promise<T> {
    const exec = (sql: string): void => {
      statements.push(sql);
      if (fails.has(sql)) throw new Error(`${sql} fails`);
      connection.exec(sql);
    };
    const begin = (): boolean => {
      exec('BEGIN IMMEDIATE');
      return true;
    };
    return createGroupCommit({ begin, exec, isOpen: () => connection.isTransaction }, 0);
  }

  const insert = (n: number) => (): number => {
    connection.exec(`INSERT INTO numbers VALUES (${n})`);
    return n;
  };
  const numbers = (): number[] =>
    connection
      .prepare('SELECT n FROM numbers ORDER BY n')
      .all()
      .map((row) => (row as { n: number }).n);
  const count = (sql: string): number => statements.filter((statement) => statement === sql).length;
  const messageOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(String, (error: unknown) => (error as Error).message);

  it('writes what comes together in one transaction, and answers each with its own result', async () => {
    const run = open();
    expect(await Promise.all([1, 2, 3].map((n) => run(insert(n))))).to.deep.equal([1, 2, 3]);
    expect(count('COMMIT')).to.equal(1);
    expect(numbers()).to.deep.equal([1, 2, 3]);
    await run(insert(4));
    expect(count('COMMIT')).to.equal(2);
  });

  it('leaves no trace of work that throws, and stores the others', async () => {
    const run = open();
    const broken = run(() => {
      insert(2)();
      throw new Error('changed its mind');
    });
    const answers = await Promise.all([run(insert(1)), messageOf(broken), run(insert(3))]);
    expect(answers).to.deep.equal([1, 'changed its mind', 3]);
    expect(numbers()).to.deep.equal([1, 3]);
  });

  it('lets later work see what earlier work of the same transaction wrote', async () => {
    const run = open();
    const [, seen] = await Promise.all([run(insert(1)), run(numbers)]);
    expect(seen).to.deep.equal([1]);
  });

  it('answers nobody before the commit, and tells all when it fails', async () => {
    const run = open();
    fails = new Set(['COMMIT']);
    const answers = [run(insert(1)), run(insert(2))].map(messageOf);
    expect(await Promise.all(answers)).to.deep.equal(['COMMIT fails', 'COMMIT fails']);
    expect(numbers()).to.deep.equal([]);
    fails = new Set();
    expect(await run(insert(3))).to.equal(3);
    expect(numbers()).to.deep.equal([3]);
  });

  it('tells all when an error ends the whole transaction, as a full disk does', async () => {
    const run = open();
    const ending = run(() => {
      connection.exec('ROLLBACK');
      throw new Error('the disk is full');
    });
    const answers = [run(insert(1)), ending, run(insert(2))].map(messageOf);
    expect(new Set(await Promise.all(answers))).to.deep.equal(new Set(['the disk is full']));
    expect(numbers()).to.deep.equal([]);
    expect(await run(insert(3))).to.equal(3);
  });

  it('tells all when the lock is not to be had', async () => {
    const run = open();
    fails = new Set(['BEGIN IMMEDIATE']);
    const answers = [run(insert(1)), run(insert(2))].map(messageOf);
    expect(new Set(await Promise.all(answers))).to.deep.equal(new Set(['BEGIN IMMEDIATE fails']));
    fails = new Set();
    expect(await run(insert(3))).to.equal(3);
    expect(numbers()).to.deep.equal([3]);
  });
});
