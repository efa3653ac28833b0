import { spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { exitCodeMeanings, exitCodes } from '../../src/cli/failure.js';
import { send } from '../support/authenticated-service.js';
import { allCommands } from '../support/command-line.js';
import { readAction } from '../support/runner/action.js';
import { runJobs } from '../support/runner/job.js';
import { readWorkflow, runWorkflow } from '../support/runner/workflow.js';
import type { Workflow } from '../support/runner/workflow.js';
import { until } from '../support/until.js';

const read = (file: string) => readFile(new URL(`../../docs/${file}`, import.meta.url), 'utf8');

async function workflowsOf(file: string): Promise<Workflow[]> {
  const blocks = (await read(file)).matchAll(/^```yaml\n(.*?)^```$/gms);
  return [...blocks].map(([, text = '']) => readWorkflow(text));
}

describe('the jobs of docs/GITHUB_ACTIONS.md', () => {
  const jobs = runJobs();
  const { running } = jobs;
  let workflows: Map<string, Workflow>;
  const sha = '2f4a0b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a';
  const eventFile = () => join(jobs.runner.workspace, 'event.json');
  before(async () => {
    const found = await workflowsOf('GITHUB_ACTIONS.md');
    workflows = new Map(found.map((workflow) => [workflow.name, workflow]));
    const head_commit = { id: sha, timestamp: '2026-01-05T10:12:44+01:00' };
    await writeFile(eventFile(), JSON.stringify({ head_commit }));
  });

  /** What rolls out in the examples: writes down the version, or fails. */
  async function deployScript(succeeds: boolean): Promise<void> {
    const script = join(jobs.runner.workspace, 'deploy.sh');
    await writeFile(script, `#!/bin/sh\nprintf %s "$1" > rolled-out\n${String(succeeds)}\n`);
    await chmod(script, 0o755);
  }
  const rolledOut = () => readFile(join(jobs.runner.workspace, 'rolled-out'), 'utf8');

  function run(
    name: string,
    contexts: Readonly<Record<string, string>>,
    more: Partial<Parameters<typeof runWorkflow>[2]> = {},
  ) {
    const workflow = workflows.get(name);
    if (workflow === undefined) throw new Error(`There is no workflow ${name}`);
    return runWorkflow(jobs.runner, workflow, {
      contexts: {
        'vars.DEPLOYMENT_QUEUE_URL': running.now.service.apiUrl,
        ...contexts,
      },
      environment: {
        DEPLOYMENT_QUEUE_RETRY_TIMEOUT: '1ms',
        PATH: process.env['PATH'] ?? '',
        GITHUB_SHA: sha,
        GITHUB_EVENT_NAME: 'push',
        GITHUB_EVENT_PATH: eventFile(),
      },
      permitted: jobs.tokens.environment,
      ...more,
    });
  }
  async function deployments() {
    const response = await send(running.now.service, { token: running.now.issuer.sign() });
    return (response.body as Record<'id' | 'version' | 'status' | 'trigger', string>[]).map(
      ({ id, version, status, trigger }) => ({ id, version, status, trigger }),
    );
  }

  it('register, roll out and report, fail as they should, and roll back', async () => {
    await deployScript(true);
    for (const version of ['v1', 'v2']) {
      const contexts = { 'github.ref_name': version, 'github.run_id': version };
      const { succeeded, log } = await run('deploy', contexts);
      expect(succeeded, log).to.equal(true);
      expect(await rolledOut()).to.equal(version);
    }
    await deployScript(false);
    const contexts = { 'github.ref_name': 'v3', 'github.run_id': 'v3' };
    expect((await run('deploy', contexts)).succeeded).to.equal(false);
    const commit = await send(running.now.service, { token: running.now.issuer.sign() });
    expect(commit.body[0]).to.include({ commit_at: '2026-01-05T09:12:44.000Z' });
    expect((await deployments()).map(({ version, status }) => [version, status])).to.deep.equal([
      ['v3', 'failed'],
      ['v2', 'deployed'],
      ['v1', 'deployed'],
    ]);

    await deployScript(true);
    const inputs = {
      ...{ 'inputs.name': 'checkout', 'inputs.target_version': 'v1' },
      ...{ 'inputs.reason': 'Errors at the checkout', 'github.run_id': 'back' },
    };
    const back = await run('rollback', inputs);
    expect(back.succeeded, back.log).to.equal(true);
    expect(await rolledOut()).to.equal('v1');
    const [newest] = await deployments();
    expect(newest).to.include({ version: 'v1', status: 'deployed', trigger: 'rollback' });
  });

  it('wait for their turn and deploy, in one step or in several', async () => {
    await deployScript(true);
    const before = (await deployments()).length;
    for (const [name, version] of [
      ['deploy in turn', 'v2.1'],
      ['deploy in steps', 'v2.2'],
    ] as const) {
      const contexts = { 'github.ref_name': version, 'github.run_id': version };
      const { succeeded, log } = await run(name, contexts);
      expect(succeeded, log).to.equal(true);
      expect(await rolledOut()).to.equal(version);
      const [newest] = await deployments();
      expect(newest).to.include({ version, status: 'deployed' });
    }
    expect(await readFile(join(jobs.runner.workspace, 'switched'), 'utf8')).to.equal('switched\n');

    await deployScript(false);
    for (const name of ['deploy in turn', 'deploy in steps']) {
      const contexts = { 'github.ref_name': 'v2.3', 'github.run_id': `failing, ${name}` };
      expect((await run(name, contexts)).succeeded).to.equal(false);
      const [newest] = await deployments();
      expect(newest).to.include({ version: 'v2.3', status: 'failed' });
    }
    expect(await deployments()).to.have.length(before + 4);
  });

  it('wait before gates, unless somebody says why not', async () => {
    await deployScript(true);
    const { service, issuer } = running.now;
    const sender = { token: issuer.sign() };
    const where = { scope: { name: 'checkout' }, reason: 'The database is failing over' };
    const lock = await send(service, sender, 'post', '/v1/locks').send(where).expect(201);
    const fix = (version: string, override: string) =>
      run('deploy a fix', {
        ...{ 'inputs.version': version, 'inputs.override': override },
        ...{ 'github.run_id': version },
      });
    // Without a policy, owners alone may override.
    const overriding = await fix('v2.4', 'The fix for the failover');
    expect(overriding.succeeded).to.equal(false);
    expect(overriding.log).to.match(/override/);
    const waiting = fix('v2.5', '');
    await until('it waits', async () => {
      const [newest] = await deployments();
      if (newest?.version !== 'v2.5') return false;
      const path = `/v1/deployments/${newest.id}/queue`;
      const { body } = await send(service, sender, 'get', path).expect(200);
      return body.position === 1;
    });
    await send(service, sender, 'delete', `/v1/locks/${String(lock.body.id)}`).expect(204);
    const { succeeded, log } = await waiting;
    expect(succeeded, log).to.equal(true);
    expect(await rolledOut()).to.equal('v2.5');
  });

  it('roll back once when the job that rolls back is run again', async () => {
    await deployScript(false);
    const inputs = {
      ...{ 'inputs.name': 'checkout', 'inputs.target_version': '', 'inputs.reason': '' },
      'github.run_id': 'retried',
    };
    await run('deploy', { 'github.ref_name': 'v3.1', 'github.run_id': 'v3.1' });
    expect((await run('rollback', inputs)).succeeded).to.equal(false);
    const [failed] = await deployments();
    expect(failed).to.include({ status: 'failed', trigger: 'rollback' });
    await deployScript(true);
    expect(await run('rollback', inputs)).to.include({ succeeded: true });
    const [newest] = await deployments();
    expect(newest).to.deep.equal({ ...failed, status: 'deployed' });
  });

  it('call a rollout cancelled when its run is', async () => {
    const contexts = { 'github.ref_name': 'v3.2', 'github.run_id': 'v3.2' };
    const { succeeded, log } = await run('deploy', contexts, { cancelAfter: 'release' });
    expect(succeeded, log).to.equal(false);
    const [newest] = await deployments();
    expect(newest).to.include({ version: 'v3.2', status: 'cancelled' });
  });

  it('do not call what is deployed failed when a job is run again', async () => {
    const contexts = { 'github.ref_name': 'v4', 'github.run_id': 'v4' };
    expect(await run('deploy', contexts)).to.include({ succeeded: true });
    const again = await run('deploy', contexts);
    expect(again.succeeded).to.equal(false);
    expect(again.log).to.match(/cannot become in_progress/);
    const [newest] = await deployments();
    expect(newest).to.include({ version: 'v4', status: 'deployed' });
  });

  it('release what waits, and wait for whoever rolls it out', async () => {
    const { service, issuer } = running.now;
    const sender = { token: issuer.sign() };
    const place = { environment: 'production', provider: 'gcp', region: 'europe-west1' };
    const body = { name: 'checkout', version: 'v5', type: 'k8s', ...place };
    const created = await send(service, sender, 'post').send(body).expect(201);
    const path = `/v1/deployments/${String(created.body.id)}`;
    const releasing = run('release', {});
    await until('it is released', async () => {
      const { body: present } = await send(service, sender, 'get', path).expect(200);
      return present.status === 'in_progress';
    });
    await send(service, sender, 'patch', path).send({ status: 'deployed' }).expect(200);
    const { succeeded, log } = await releasing;
    expect(succeeded, log).to.equal(true);
  });

  it('name only inputs and outputs that the action has', async () => {
    const { inputs, outputs } = await readAction();
    let uses = 0;
    for (const { jobs } of workflows.values()) {
      for (const { steps } of Object.values(jobs)) {
        for (const step of steps.filter(({ uses: name }) => name?.includes('deployment-queue'))) {
          uses += 1;
          expect(Object.keys(inputs)).to.include.members(Object.keys(step.with));
          const does = ['command', 'run', 'start'].filter((task) => task in step.with);
          expect(does).to.have.length(1);
        }
      }
    }
    expect(uses).to.be.greaterThan(7);
    const named = (await read('GITHUB_ACTIONS.md')).matchAll(/^\| `(\w+)` +\|/gm);
    expect([...named].map(([, name]) => name)).to.deep.equal(Object.keys(outputs));
  });

  for (const file of ['GITHUB_ACTIONS.md', 'AUTHENTICATION.md']) {
    it(`are valid, put no expression into a script, and ask for the permission, in ${file}`, async () => {
      const found = await workflowsOf(file);
      expect(found).not.to.be.empty;
      for (const { jobs, permissions } of found) {
        for (const job of Object.values(jobs)) {
          expect(job.permissions ?? permissions).to.include({ 'id-token': 'write' });
          for (const { run: script } of job.steps) {
            if (script === undefined) continue;
            expect(script).not.to.include('${{');
            expect(spawnSync('bash', ['-n'], { input: script }).status).to.equal(0);
          }
        }
      }
    });
  }
});

describe('docs/COMMAND_LINE.md', () => {
  it('has a row for each command, and for nothing else', async () => {
    const text = await read('COMMAND_LINE.md');
    const [, part = ''] = /^## Commands\n(.*?)^A version is registered/ms.exec(text) ?? [];
    const rows = [...part.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|$/gm)];
    const described = rows.flatMap(([, name = '', does = '']) => {
      // A command that has some of its own begins with them: `list`, `get`.
      const [named = ''] = /^(?:`[a-z-]+`(?:, |: ))+/.exec(does) ?? [];
      const own = [...named.matchAll(/`([a-z-]+)`/g)].map(([, one = '']) => `${name} ${one}`);
      return [name, ...own];
    });
    expect(described).to.have.members(await allCommands());
  });

  it('has every exit code, and what it means', async () => {
    const rows = (await read('COMMAND_LINE.md')).matchAll(/^\| (\d+) +\| (.*?) +\|$/gm);
    const meanings = new Map<string, string>(Object.entries(exitCodeMeanings));
    expect([...rows].map(([, code, meaning]) => [Number(code), meaning])).to.deep.equal(
      Object.entries(exitCodes).map(([outcome, code]) => [code, meanings.get(outcome)]),
    );
  });
});
