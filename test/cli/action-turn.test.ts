import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { isRunning, nameOf } from '../../src/action/worker.js';
import type { ProcessName } from '../../src/action/worker.js';
import { send } from '../support/authenticated-service.js';
import type { StepResult } from '../support/runner/action.js';
import { readOutputs } from '../support/runner/environment-files.js';
import { errorsOf, masksOf, runJobs } from '../support/runner/job.js';
import { fasterClock } from '../support/running-program.js';
import { until } from '../support/until.js';

const main = fileURLToPath(new URL('../../generated/action/main.js', import.meta.url));

describe('the action, when it is its turn,', () => {
  const jobs = runJobs();
  const { running } = jobs;
  let temporary: string;
  let name: string;
  let tests = 0;
  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'runner-temp-'));
    tests += 1;
    name = `checkout-${tests}`;
  });

  afterEach(() => rm(temporary, { recursive: true }));

  const inputs = () => ({
    ...{ name, version: '1', environment: 'production', provider: 'gcp', type: 'k8s' },
  });
  const environment = () => ({
    ...jobs.environment(),
    PATH: process.env['PATH'] ?? '',
    RUNNER_TEMP: temporary,
  });
  const use = (
    more: Readonly<Record<string, string>>,
    variables: Readonly<Record<string, string>> = {},
    started?: (child: ChildProcess) => void,
  ) =>
    jobs.runner.use(
      { ...inputs(), ...more },
      { ...environment(), ...variables },
      'success',
      started,
    );

  async function call(method: 'get' | 'patch' | 'post' | 'delete', path: string, body?: object) {
    const token = running.now.issuer.sign();
    const response = await send(running.now.service, { token }, method, `/v1${path}`).send(body);
    expect(response.status, response.text).to.be.lessThan(300);
    return response.body as Record<string, unknown>;
  }
  const newest = async () => {
    const [deployment] = (await call('get', `/deployments?name=${name}`)) as unknown as {
      readonly id: string;
      readonly status: string;
    }[];
    if (deployment === undefined) throw new Error('There is no deployment');
    return deployment;
  };
  const file = (path: string) => join(jobs.runner.workspace, `${name}-${path}`);
  const isThere = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );
  const untilThere = (path: string) => until(`there is ${path}`, () => isThere(path));
  /** What runs until there is a file. */
  const waits = () => `touch ${file('ran')}; until test -e ${file('go')}; do sleep 0.02; done`;

  describe('by run', () => {
    it('carries a script out under a lease, whose token no log shows', async () => {
      const script = `env > ${file('env')}; echo "$DEPLOYMENT_ID"`;
      const result = await use({ run: script });
      const { id } = await newest();
      expect(result.code, result.log).to.equal(0);
      expect(result.outputs).to.include({ deployment_id: id, status: 'deployed', version: '1' });
      expect(result.summary).to.match(/^- Carried out, under fence \d+, .*: deployed /m);
      const variables = await readFile(file('env'), 'utf8');
      const [, token = ''] = /^LEASE_TOKEN=(.*)$/m.exec(variables) ?? [];
      expect(masksOf(result)).to.include(token);
      expect(variables).to.include(`FENCE=${result.outputs['fence'] ?? ''}\n`);
      expect(variables).not.to.match(/^(INPUT_|DEPLOYMENT_QUEUE_MASK)/m);
      expect(result.log).to.include(id).and.not.include(token);
      expect(JSON.stringify([result.outputs, result.summary])).not.to.include(token);
      const after = await result.post('success');
      expect(after).to.deep.include({ code: 0, log: '', commands: [] });
      expect(await readdir(temporary)).to.deep.equal([]);
    });

    it('ends at the first command that fails, as a step does, and says so on the page of the run', async () => {
      const result = await use({ run: `false\ntouch ${file('ran')}` });
      expect(result.code).to.equal(1);
      expect(errorsOf(result)[0]).to.match(/^the command failed: exit code 1; .* is failed/);
      expect(await isThere(file('ran'))).to.equal(false);
      expect(await newest()).to.include({ status: 'failed' });
      expect((await result.post('failure')).log).to.match(/is failed: there is nothing left/);
    });

    it('says on the page of the run which gate it waits for, whose, until when and why', async () => {
      const scope = { name, environment: 'production' };
      const reason = 'The database is failing over';
      const ends = new Date(Date.now() + 3_600_000).toISOString();
      const gate = await call('post', '/locks', { scope, reason, expires_at: ends });
      const waiting = use({ run: `touch ${file('ran')}` });
      await until('it waits', async () => {
        const found = await newest().catch(() => undefined);
        if (found === undefined) return false;
        return (await call('get', `/deployments/${found.id}/queue`))['position'] === 1;
      });
      expect(await isThere(file('ran'))).to.equal(false);
      await call('delete', `/locks/${String(gate['id'])}`);
      const result = await waiting;
      expect(result.code, result.log).to.equal(0);
      const notices = result.commands.filter(({ command }) => command === 'notice');
      expect(notices.map(({ data }) => data)).to.deep.equal([
        `${name} 1 waits at place 1; a lock of octocat is closed until ${ends} (${reason})`,
      ]);
      expect(notices[0]?.properties).to.deep.equal({ title: 'Deployment Queue' });
    });

    it('does not start what may not be overridden, and says why', async () => {
      await call('post', '/locks', { scope: { name }, reason: 'Failing over' });
      const result = await use({ run: `touch ${file('ran')}`, override: 'The fix' });
      expect(result.code).to.equal(7);
      expect(errorsOf(result)[0]).to.match(/override/);
      expect(await isThere(file('ran'))).to.equal(false);
      expect(await newest()).to.include({ status: 'cancelled' });
    });

    it('is cancelled with its job', async () => {
      const result = await use({ run: waits() }, {}, (child) => {
        void untilThere(file('ran')).then(() => child.kill('SIGINT'));
      });
      expect(result.code).to.equal(130);
      expect(await newest()).to.include({ status: 'cancelled' });
    });

    it('is reported after the job when the step was ended by force', async () => {
      const result = await use({ run: waits() }, {}, (child) => {
        void untilThere(file('ran')).then(async () => {
          child.kill('SIGKILL');
          await writeFile(file('go'), '');
        });
      });
      expect(await newest()).to.include({ status: 'in_progress' });
      const after = await result.post('cancelled');
      expect(after.code).to.equal(0);
      expect(await newest()).to.include({ status: 'cancelled' });
    });
  });

  describe('by start', () => {
    const faster = () => ({ NODE_OPTIONS: `--import ${fasterClock(10)}` });
    const renewerOf = async ({ outputs }: Pick<StepResult, 'outputs'>): Promise<ProcessName> => {
      const folder = dirname(outputs['lost_file'] ?? '');
      return JSON.parse(await readFile(join(folder, 'process.json'), 'utf8')) as ProcessName;
    };

    for (const [job, status] of [
      ['success', 'deployed'],
      ['failure', 'failed'],
      ['cancelled', 'cancelled'],
    ] as const) {
      it(`leaves it to the job, and reports ${status} when that is ${job}`, async () => {
        const step = await use({ start: 'true' });
        expect(step.code, step.log).to.equal(0);
        const { deployment_id: id = '', lease_token: token = '', fence } = step.outputs;
        expect(masksOf(step)).to.include(token);
        expect(step.log + step.summary).not.to.include(token);
        expect(fence).to.match(/^\d+$/);
        expect(await newest()).to.include({ id, status: 'in_progress' });
        const renewer = await renewerOf(step);
        expect(isRunning(renewer)).to.equal(true);
        expect(await isThere(step.outputs['lost_file'] ?? '')).to.equal(false);

        const after = await step.post(job);
        expect(after.code, JSON.stringify(after)).to.equal(0);
        expect(after.summary).to.match(new RegExp(`^- Reported .*: ${status} `));
        expect(await newest()).to.include({ id, status });
        expect(isRunning(renewer)).to.equal(false);
        expect(await readdir(temporary)).to.deep.equal([]);
      });
    }

    it('renews until somebody cancels, tells the steps, and fails the job', async () => {
      const step = await use({ start: 'true', lease: '45s' }, faster());
      expect(step.code, JSON.stringify(step)).to.equal(0);
      const { deployment_id: id = '', lost_file: lost = '' } = step.outputs;
      const holders = async () => {
        const { holders: all } = await call('get', `/deployments/${id}/queue`);
        return (all as { readonly until: string }[])[0]?.until;
      };
      const first = await holders();
      await until('it is renewed', async () => (await holders()) !== first);
      await call('post', '/deployments/cancel', {
        selector: { name },
        expected_count: 1,
        reason: 'Broken',
      });
      await untilThere(lost);
      expect(await readFile(lost, 'utf8')).to.match(/lease of deployment \S+ is lost: .*cancelled/);
      const after = await step.post('success');
      expect(after.code).to.equal(5);
      expect(errorsOf(after)[0]).to.match(/the job went well, but .* is cancelled/);
      expect(after.log).to.match(/is lost/);
    });

    it('ends the renewing when what runs the job is gone', async () => {
      const output = join(temporary, 'output');
      const given = Object.entries({ ...inputs(), start: 'true' });
      const shell = spawn(
        'bash',
        ['--norc', '-c', '"$0" "$1"; code=$?; exit $code', process.execPath, main],
        {
          stdio: 'ignore',
          env: {
            ...environment(),
            ...Object.fromEntries(
              given.map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value]),
            ),
            GITHUB_OUTPUT: output,
          },
        },
      );
      expect(await once(shell, 'exit')).to.deep.equal([0, null]);
      const renewer = await renewerOf({ outputs: readOutputs(await readFile(output, 'utf8')) });
      await until('it has ended', () => !isRunning(renewer));
    });

    it('starts nothing, and leaves nothing behind, when the job is cancelled before', async () => {
      const first = await use({ start: 'true' });
      const second = await use({ start: 'true', version: '2' }, {}, (child) => {
        child.stderr?.on('data', (text: string) => {
          if (text.includes('waits at place')) child.kill('SIGINT');
        });
      });
      expect(second.code).to.equal(130);
      expect(await newest()).to.include({ status: 'cancelled' });
      expect(await second.post('cancelled')).to.deep.include({ code: 0, log: '', commands: [] });
      await first.post('success');
      expect(await readdir(temporary)).to.deep.equal([]);
    });
  });

  it('tells a process from a later one of its number', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 600_000)']);
    const known = nameOf(child.pid ?? 0);
    expect(isRunning(known)).to.equal(true);
    expect(isRunning({ ...known, since: 'before' })).to.equal(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isRunning(known)).to.equal(false);
    expect(isRunning({ pid: 1, since: '' })).to.equal(true);
  });
});
