import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { environmentOf } from '../support/command-line.js';
import { Tenant } from '../support/deployments.js';
import { serverError } from '../support/faults.js';
import { startGateway } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { runService } from '../support/http.js';
import { createMovedClock } from '../support/moved-clock.js';
import { fasterClock, RunningProgram } from '../support/running-program.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const place = [
  ...['--name=checkout', '--environment=production', '--provider=gcp', '--type=k8s'],
  '--version=2',
];

describe('deployment-queue run', () => {
  const running = runService();
  let folder: string;
  let gateway: Gateway;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-run-'));
    gateway = await startGateway(running.service.apiUrl);
  });
  afterEach(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true });
  });

  const environment = () => ({ ...environmentOf(running), DEPLOYMENT_QUEUE_URL: gateway.url });
  /** Runs a script of bash when it is the turn for it. */
  const run = (
    options: readonly string[],
    script: string,
    more: { environment?: Record<string, string>; preload?: string; stdin?: string } = {},
  ) =>
    new RunningProgram(
      { ...environment(), ...more.environment },
      ['run', ...options, '--', 'bash', '--norc', '-c', script],
      { folder, ...more },
    );
  const newest = async () => {
    const [deployment] = await running.tenant.list();
    if (deployment === undefined) throw new Error('There is no deployment');
    return deployment;
  };
  const file = (name: string) => readFile(join(folder, name), 'utf8');
  const isThere = (name: string) =>
    access(join(folder, name)).then(
      () => true,
      () => false,
    );
  interface Answer {
    readonly lease?: { readonly token: string };
    readonly position?: number | null;
  }
  async function call(
    method: string,
    path: string,
    body?: object,
    token?: string,
  ): Promise<Answer> {
    const response = await fetch(`${running.service.apiUrl}/v1${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        'X-Organisation': running.tenant.organisation,
        ...(token !== undefined && { 'Lease-Token': token }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(response.ok, await response.clone().text()).to.equal(true);
    return (await response.json()) as Answer;
  }
  /** Something else of the same taxonomy that runs under a lease. */
  async function somethingRuns() {
    const { id } = await running.tenant.create({ version: '1' });
    const { lease } = await call('POST', `/deployments/${id}/claim`, { lease_seconds: 3600 });
    const end = (status: string) => call('PATCH', `/deployments/${id}`, { status }, lease?.token);
    return { id, end };
  }
  const positionOf = async (id: string) => (await call('GET', `/deployments/${id}/queue`)).position;

  it('registers, runs the command under a lease with its input and output, and reports it', async () => {
    const script = `
      cat; echo "$DEPLOYMENT_ID $FENCE"; printf %s "$LEASE_TOKEN" > token
      tr '\\0' '\\n' < /proc/$PPID/cmdline > cmdline; echo aside >&2`;
    const { code, stdout, stderr } = await run(place, script, { stdin: 'given\n' }).ended;
    expect(code, stderr).to.equal(0);
    const deployment = await newest();
    expect(deployment).to.include({ status: 'deployed', auto: false, version: '2', notes: null });
    const token = await file('token');
    expect(token).to.match(/^\S{43}$/);
    expect(stdout).to.match(new RegExp(`^given\n${deployment.id} \\d+\n$`));
    expect(stderr)
      .to.match(/^checkout 2 to production is in_progress, under fence \d+\naside\n/m)
      .and.match(/^checkout 2 to production is deployed\n$/m);
    expect(stderr + (await file('cmdline'))).not.to.include(token);
  });

  it('passes on how the command fails, and notes it unless there is a note', async () => {
    const { code, stderr } = await run(place, 'exit 3').ended;
    expect(code).to.equal(3);
    expect(stderr).to.match(/the command failed: exit code 3; checkout 2 to production is failed/);
    const { id, ...failed } = await newest();
    expect(failed).to.include({ status: 'failed', notes: 'deployment-queue run: exit code 3' });
    const again = await run([`--id=${id}`, '--json'], 'kill -9 $$').ended;
    expect(again.code).to.equal(137);
    expect((await running.tenant.get(id)).notes).to.equal('deployment-queue run: ended by SIGKILL');
    const well = await run([`--id=${id}`, '--json'], 'true').ended;
    expect(JSON.parse(well.stdout)).to.include({ id, status: 'deployed', notes: null });
    await run([...place, '--notes=Ours'], 'exit 3').ended;
    expect(await newest()).to.include({ status: 'failed', notes: 'Ours' });
    const curl =
      'curl -sSf -X PATCH "$DEPLOYMENT_QUEUE_URL/v1/deployments/$DEPLOYMENT_ID" -H "X-Organisation: $DEPLOYMENT_QUEUE_ORGANISATION" -H "Content-Type: application/json"';
    await run(place, `${curl} -d '{"notes": "Half done"}'; exit 3`).ended;
    expect(await newest()).to.include({ status: 'failed', notes: 'Half done' });
  });

  it('reports as failed what cannot be started', async () => {
    const argv = ['run', ...place, '--', './deploy.sh'];
    const missing = await new RunningProgram(environment(), argv, { folder }).ended;
    expect(missing.code).to.equal(127);
    expect(missing.stderr).to.match(/could not be started: there is no such program/);
    expect(await newest()).to.include({ status: 'failed' });
    await writeFile(join(folder, 'deploy.sh'), '');
    expect((await new RunningProgram(environment(), argv, { folder }).ended).code).to.equal(126);
  });

  it('waits for its turn, and says what for', async () => {
    const { id, end } = await somethingRuns();
    const waiting = run(place, 'touch ran');
    await waiting.says(
      new RegExp(`^checkout 2 waits at place 1; checkout 1 \\(${id}\\) runs, until`, 'm'),
    );
    expect(await isThere('ran')).to.equal(false);
    await end('failed');
    expect((await waiting.ended).code).to.equal(0);
    expect(await isThere('ran')).to.equal(true);
  });

  it('never runs at once with another of the same thing', async () => {
    await call('PUT', '/environments/production', { order: 'oldest' });
    const script = 'mkdir lock || echo together >> log; sleep 0.1; rmdir lock; echo ran >> log';
    const runs = [1, 2, 3].map((cell) => run([...place.slice(0, 4), `--version=${cell}`], script));
    const codes = await Promise.all(runs.map(async ({ ended }) => (await ended).code));
    expect(codes).to.deep.equal([0, 0, 0]);
    expect(await file('log')).to.equal('ran\nran\nran\n');
  });

  it('ends with 5 when a newer one was deployed, and says which', async () => {
    const { end } = await somethingRuns();
    const waiting = run(place, 'touch ran');
    await waiting.says(/waits at place 1/);
    const newer = await running.tenant.create({ version: '3' }, 'in_progress', 'deployed');
    const { code, stderr } = await waiting.ended;
    expect(code).to.equal(5);
    expect(stderr).to.include(newer.id);
    expect(await isThere('ran')).to.equal(false);
    await end('failed');
  });

  for (const [by, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`cancels what it has registered when ${by} comes before its turn`, async () => {
      await somethingRuns();
      const waiting = run(place, 'touch ran');
      await waiting.says(/waits at place 1/);
      waiting.signal(by);
      expect(await waiting.ended).to.include({ code });
      expect(waiting.stderr).to.match(new RegExp(`interrupted by ${by} before it was its turn`));
      expect(await newest()).to.include({ version: '2', status: 'cancelled' });
      expect(await isThere('ran')).to.equal(false);
    });
  }

  it('leaves the queue, and what it was given as it is, when a signal or the timeout comes', async () => {
    await somethingRuns();
    const { id } = await running.tenant.create({ version: '2', auto: false });
    const waiting = run([`--id=${id}`], 'touch ran');
    await waiting.says(/waits at place 1/);
    waiting.signal('SIGTERM');
    expect((await waiting.ended).code).to.equal(143);
    await until('nobody waits', async () => (await positionOf(id)) === null);
    const late = await run([`--id=${id}`, '--timeout=100ms'], 'touch ran').ended;
    expect(late.code).to.equal(9);
    await until('nobody waits', async () => (await positionOf(id)) === null);
    expect(await running.tenant.get(id)).to.include({ status: 'scheduled' });
    const own = await run([...place, '--timeout=100ms'], 'touch ran').ended;
    expect(own.code).to.equal(9);
    const cancelled = await newest();
    expect(cancelled).to.include({ status: 'cancelled' });
    expect(own.stderr).to.include(
      `${cancelled.id} is cancelled, since nobody else will start it\n`,
    );
    expect(late.stderr).not.to.include('is cancelled');
    expect(await isThere('ran')).to.equal(false);
  });

  it('hands a signal on, gives the command time to stop, and reports cancelled', async () => {
    const script = `trap 'echo stopped > how; exit 0' TERM; touch ran; while :; do sleep 0.02; done`;
    const program = run(place, script);
    await until('it runs', () => isThere('ran'));
    program.signal('SIGTERM');
    const { code, stderr } = await program.ended;
    expect(code).to.equal(143);
    expect(stderr).to.match(/interrupted by SIGTERM; checkout 2 to production is cancelled/);
    expect(await file('how')).to.equal('stopped\n');
    expect(await newest()).to.include({ status: 'cancelled' });
  });

  it('ends by force what does not stop, and all that it has started', async () => {
    const script = `trap '' INT; bash -c 'trap "" INT; echo $$ > pid; exec sleep 600' & wait`;
    const program = run([...place, '--grace=50ms'], script);
    await until('it runs', async () => (await isThere('pid')) && (await file('pid')) !== '');
    program.signal('SIGINT');
    expect((await program.ended).code).to.equal(130);
    const pid = Number(await file('pid'));
    expect(pid).to.be.greaterThan(1);
    await until('nothing runs on', async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return status === '' || /^State:\s+Z/m.test(status);
    });
    expect(await newest()).to.include({ status: 'cancelled' });
  });

  describe('stops the command and ends with 10 when the lease', () => {
    const script = `trap 'echo stopped > how; exit 0' TERM; touch ran; while :; do sleep 0.02; done`;
    const start = (lease: string) =>
      run([...place, `--lease=${lease}`], script, { preload: fasterClock(10) });

    it('is ended by somebody who cancels, whom it names', async () => {
      const program = start('60s');
      await until('it runs', () => isThere('ran'));
      const { id } = await newest();
      const selector = { name: 'checkout', version: '2' };
      await call('POST', '/deployments/cancel', { selector, expected_count: 1, reason: 'Broken' });
      const { code, stderr } = await program.ended;
      expect(code, stderr).to.equal(10);
      expect(stderr).to.match(/The lease of deployment \S+ is lost: .*cancelled.*Broken/);
      expect(await file('how')).to.equal('stopped\n');
      expect(await running.tenant.get(id)).to.include({ status: 'cancelled' });
    });

    it('cannot be renewed, before it ends', async () => {
      const program = start('20s');
      await until('it runs', () => isThere('ran'));
      gateway.before.set(serverError(503));
      const { code, stderr } = await program.ended;
      expect(code, stderr).to.equal(10);
      expect(stderr).to.match(/is lost: it could not be renewed in time/);
      expect(await file('how')).to.equal('stopped\n');
      // A lease that is not renewed ends by itself.
      expect(await newest()).to.include({ status: 'in_progress' });
    });
  });

  it('says loudly that the outcome could not be reported', async () => {
    const program = run(place, 'touch ran; until test -e go; do sleep 0.02; done');
    await until('it runs', () => isThere('ran'));
    gateway.before.set(serverError(503));
    await writeFile(join(folder, 'go'), '');
    const { code, stderr } = await program.ended;
    expect(code).to.equal(6);
    const { id } = await newest();
    expect(stderr).to.match(
      new RegExp(`THE OUTCOME COULD NOT BE REPORTED. .* update-status ${id} deployed\\.`),
    );
  });

  it('tries again to report the outcome', async () => {
    const retry = { DEPLOYMENT_QUEUE_RETRY_TIMEOUT: '1m' };
    const program = run(place, 'touch ran; until test -e go; do sleep 0.02; done', {
      environment: retry,
    });
    await until('it runs', () => isThere('ran'));
    gateway.before.set(serverError(503), { times: 2 });
    await writeFile(join(folder, 'go'), '');
    expect((await program.ended).code).to.equal(0);
    expect(await newest()).to.include({ status: 'deployed' });
  });

  describe('with a service of its own', () => {
    it('reports what has come out after its lease has run out', async () => {
      const clock = createMovedClock();
      const service = await startTestService({}, clock);
      try {
        const tenant = new Tenant(service, running.tenant.organisation);
        const program = run(place, 'touch ran; until test -e go; do sleep 0.02; done', {
          environment: { DEPLOYMENT_QUEUE_URL: service.apiUrl },
        });
        await until('it runs', () => isThere('ran'));
        clock.forward(600);
        await writeFile(join(folder, 'go'), '');
        expect((await program.ended).code).to.equal(0);
        expect((await tenant.list())[0]).to.include({ status: 'deployed' });
      } finally {
        await service.stop();
      }
    });

    it('goes on waiting while the service is away, in its place', async () => {
      const kept = { SQLITE_PATH: join(folder, 'kept.db') };
      let service = await startTestService(kept);
      try {
        const port = new URL(service.apiUrl).port;
        const tenant = new Tenant(service, running.tenant.organisation);
        const { id } = await tenant.create({ version: '1' }, 'in_progress');
        const program = run(place, 'touch ran', {
          environment: { DEPLOYMENT_QUEUE_URL: service.apiUrl },
        });
        await program.says(/waits at place 1/);
        await service.stop();
        await program.says(/claimDeployment: .*; trying again/);
        service = await startTestService({ ...kept, API_PORT: port });
        expect(await isThere('ran')).to.equal(false);
        await new Tenant(service, running.tenant.organisation).move(id, 'failed');
        expect((await program.ended).code).to.equal(0);
        expect(await isThere('ran')).to.equal(true);
      } finally {
        await service.stop();
      }
    });
  });

  it('in a job of GitHub Actions that runs again takes up what it has registered, unless that was cancelled', async () => {
    const job = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '7', GITHUB_JOB: 'deploy' };
    const output = join(folder, 'output');
    const attempt = (number: number, script: string) =>
      run(place, script, {
        environment: { ...job, GITHUB_RUN_ATTEMPT: String(number), GITHUB_OUTPUT: output },
      });
    expect((await attempt(1, 'exit 3').ended).code).to.equal(3);
    const first = await newest();
    const second = attempt(2, 'touch ran; sleep 600');
    await until('it runs', () => isThere('ran'));
    second.signal('SIGINT');
    expect((await second.ended).code).to.equal(130);
    expect(second.stderr).to.match(/^::error title=Deployment Queue::interrupted by SIGINT/m);
    expect(await running.tenant.list()).to.have.length(1);
    expect(await newest()).to.include({ id: first.id, status: 'cancelled' });
    expect((await attempt(3, 'true').ended).code).to.equal(0);
    const third = await newest();
    expect(third).to.include({ status: 'deployed' });
    expect(third.id).not.to.equal(first.id);
    expect(await file('output'))
      .to.match(/^status<<\S+\ndeployed$/m)
      .and.match(/^fence<<\S+\n\d+$/m);
  });

  it('needs to be told what to run, and which deployment', async () => {
    for (const [argv, says] of [
      [place, /missing required argument 'command'/],
      [['--name=checkout', 'true'], /--version is missing/],
      [['--id=x', 'true'], /must be a UUID/],
      [['--id=4c3d2e1f', '--name=checkout', 'true'], /either --id, or/],
      [[...place, '--grace=soon', 'true'], /duration such as/],
    ] as const) {
      const { code, stderr } = await new RunningProgram(environment(), ['run', ...argv], { folder })
        .ended;
      expect(code).to.equal(2);
      expect(stderr).to.match(says);
    }
    expect(gateway.seen).to.have.length(0);
  });
});
