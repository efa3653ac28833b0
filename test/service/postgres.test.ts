import { expect } from 'chai';
import { newDatabase, runStatement } from '../postgres/shared.js';
import { deploymentBody } from '../support/deployments.js';
import { runCommand } from '../support/run-command.js';
import { startTestService } from '../support/service.js';
import { handsOver } from './hand-over.js';

describe('the service on PostgreSQL', () => {
  it('makes its schema, and serves what another process has stored', async () => {
    const settings = { STORE: 'postgres', DATABASE_URL: await newDatabase() };
    const [one, other] = await Promise.all([
      startTestService(settings),
      startTestService(settings),
    ]);
    try {
      const { body, status } = await one.api.post('/v1/deployments').send(deploymentBody());
      expect(status).to.equal(201);
      const { id } = body as { id: string };
      const found = await other.api.get(`/v1/deployments/${id}`);
      expect(found.body).to.deep.equal(body);
      expect((await other.management.get('/ready')).status).to.equal(200);
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });

  it('hands a turn over from one process to another', async () => {
    await handsOver({ DATABASE_URL: await newDatabase() });
  });

  it('does not start where it may not, and says why without the password', async () => {
    const url = new URL(await newDatabase());
    url.password = 'not-to-be-shown';
    url.pathname = '/nowhere';
    const failure: unknown = await startTestService({
      STORE: 'postgres',
      DATABASE_URL: url.href,
    }).catch((error: unknown) => error);
    expect(failure).to.have.property('name', 'StartupError');
    expect(failure)
      .to.have.property('message')
      .that.matches(/^Cannot open the store PostgreSQL 127\.0\.0\.1:\d+\/nowhere: /)
      .and.includes('CREATE DATABASE')
      .and.not.includes('not-to-be-shown');
  });

  it('has commands that make the schema and say what is missing', async () => {
    const url = await newDatabase();
    const settings = { DATABASE_URL: url };
    const before = await runCommand('db-verify', settings);
    expect(before).to.include({ code: 1, stderr: '' });
    expect(before.stdout).to.match(/MISSING {2}The database lacks what 0001_/);

    const made = await runCommand('db-migrate', settings);
    expect(made).to.include({ code: 0, stderr: '' });
    expect(made.stdout)
      .to.match(/^applied 0001_\w+\.sql\n/)
      .and.include('is up to date now');
    expect((await runCommand('db-migrate', settings)).stdout).to.match(/^Nothing to do/);

    const database = new URL(url).pathname.slice(1);
    const commit = (how: string) =>
      runStatement(url, `ALTER DATABASE ${database} SET synchronous_commit = ${how}`);
    await commit('on');
    const after = await runCommand('db-verify', settings);
    expect(after).to.include({ code: 0, stderr: '' });
    expect(after.stdout)
      .to.match(/^PostgreSQL \d+/)
      .and.include('All is well')
      .and.not.include('WARNING');
    await commit('off');
    const hasty = await runCommand('db-verify', settings);
    expect(hasty.code).to.equal(0);
    expect(hasty.stdout).to.match(/^WARNING {2}synchronous_commit is off, so a crash may lose/m);

    await runStatement(
      url,
      `CREATE ROLE reader_of_${new URL(url).pathname.slice(1)} LOGIN;
       GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader_of_${new URL(url).pathname.slice(1)}`,
    );
    const limited = new URL(url);
    limited.username = `reader_of_${new URL(url).pathname.slice(1)}`;
    const { code, stdout } = await runCommand('db-verify', { DATABASE_URL: limited.href });
    expect(code).to.equal(1);
    expect(stdout)
      .to.match(/MISSING .* read and write deployments:/)
      .and.include('fences');

    const migrated = await runCommand('db-migrate', { DATABASE_URL: limited.href });
    expect(migrated.stderr).to.match(/permission denied .*POSTGRES_MIGRATE=never/);
    const service = await startTestService({
      DATABASE_URL: limited.href,
      POSTGRES_MIGRATE: 'never',
    });
    try {
      const { status, body } = await service.api.post('/v1/deployments').send(deploymentBody());
      expect(status).to.equal(503);
      expect(body)
        .to.have.property('detail')
        .that.matches(/does not let this service in/);
      expect(JSON.stringify(service.logs)).to.include('permission denied for table');
    } finally {
      await service.stop();
    }
  });

  it('has no backup of its own, and names what there is instead', async () => {
    const { code, stderr } = await runCommand(
      'db-backup',
      { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/queue' },
      'x.db',
    );
    expect(code).to.equal(1);
    expect(stderr).to.include('pg_dump');
  });
});
