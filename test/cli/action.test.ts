import type { ChildProcess } from 'node:child_process';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { inputs } from '../../generated/inputs.js';
import { authenticateAll, send } from '../support/authenticated-service.js';
import { commandLine } from '../support/command-line.js';
import { serverError, slow } from '../support/faults.js';
import { startGateway } from '../support/gateway.js';
import { hostileNames } from '../support/hostile-names.js';
import { startActionsTokens } from '../support/oidc/actions-tokens.js';
import type { ActionsTokens } from '../support/oidc/actions-tokens.js';
import { readAction, Runner } from '../support/runner/action.js';
import type { ActionResult, StepResult } from '../support/runner/action.js';
import { until } from '../support/until.js';

const create = {
  command: 'create',
  name: 'checkout',
  version: '1.4.0',
  environment: 'production',
  provider: 'gcp',
  type: 'k8s',
};

describe('the action', () => {
  const running = authenticateAll();
  let tokens: ActionsTokens;
  let runner: Runner;
  before(async () => {
    tokens = await startActionsTokens(running.now.issuer);
    runner = await Runner.start();
  });
  after(async () => {
    await tokens.stop();
    await runner.stop();
  });

  /** Uses the action in a job of `acme/shop`, and looks for tokens in what it leaves. */
  async function use(
    inputs: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
    started?: (child: ChildProcess) => void,
  ): Promise<ActionResult> {
    const job = {
      ...tokens.environment,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_RUN_ID: '1001',
      GITHUB_SHA: '2f4a0b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a',
      DEPLOYMENT_QUEUE_URL: running.now.service.apiUrl,
      DEPLOYMENT_QUEUE_RETRY_TIMEOUT: '1ms',
    };
    const before = tokens.given.length;
    const result = await runner.use(inputs, { ...job, ...environment }, 'success', started);
    lookForTokens(result, before);
    const { post } = result;
    return {
      ...result,
      async post(status) {
        const given = tokens.given.length;
        const after = await post(status);
        lookForTokens(after, given);
        return after;
      },
    };
  }
  function lookForTokens({ commands, ...rest }: StepResult, before: number): void {
    const masks = commands.filter(({ command }) => command === 'add-mask');
    const left = JSON.stringify([rest, commands.filter(({ command }) => command !== 'add-mask')]);
    for (const token of tokens.given) expect(left).not.to.include(token);
    expect(left).not.to.include(tokens.environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']);
    expect(masks.map(({ data }) => data)).to.include.members(tokens.given.slice(before));
  }
  /** What the page of the run shows. */
  const errorsOf = ({ commands }: StepResult) =>
    commands.filter(({ command }) => command === 'error').map(({ data }) => data);

  async function get(id: string | undefined) {
    const token = running.now.issuer.sign();
    const path = `/v1/deployments/${id ?? ''}`;
    const response = await send(running.now.service, { token }, 'get', path);
    return response.body as Record<string, unknown>;
  }

  it('registers a deployment with the OIDC token of the job, and hands its id on', async () => {
    const { code, log, outputs, summary } = await use(create);
    expect(code, log).to.equal(0);
    expect(await get(outputs['deployment_id'])).to.include({
      name: 'checkout',
      version: '1.4.0',
      organisation: 'acme',
      created_by_repo: 'acme/shop',
      commit_sha: '2f4a0b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a',
      build_uri: 'https://github.com/acme/shop/actions/runs/1001',
    });
    expect(outputs).to.include({ status: 'scheduled', version: '1.4.0' });
    expect(JSON.parse(outputs['json'] ?? '')).to.deep.equal(await get(outputs['deployment_id']));
    expect(summary).to.match(/^- Registered \*\*checkout 1\\\.4\\\.0\*\* to production/);
  });

  it('releases a deployment, reports it as deployed, waits for it and rolls it back', async () => {
    const place = { environment: 'test', provider: 'aws', region: 'eu-west-1', name: 'search' };
    const { issuer, service } = running.now;
    const sender = { token: issuer.sign() };
    const before = { ...place, version: '1', type: 'k8s' };
    const { body } = await send(service, sender, 'post').send(before).expect(201);
    const path = `/v1/deployments/${body.id}`;
    await send(service, sender, 'patch', path).send({ status: 'deployed' }).expect(200);

    const created = await use({ ...create, ...place, version: '2' });
    const id = created.outputs['deployment_id'] ?? '';
    const released = await use({ command: 'release', ...place });
    expect(released.outputs).to.include({ deployment_id: id, status: 'in_progress' });
    const deployed = await use({ command: 'update-status', id, status: 'deployed' });
    expect(deployed.outputs).to.include({ deployment_id: id, status: 'deployed' });
    const waited = await use({ command: 'wait', id, for: 'deployed', timeout: '10s' });
    expect(waited).to.include({ code: 0 });
    const back = await use({ command: 'rollback', ...place });
    expect(back.outputs).to.include({ version: '1', status: 'scheduled' });
    expect(await get(back.outputs['deployment_id'])).to.include({
      rollback_from_deployment_id: id,
    });
  });

  it('registers and rolls back once in a run, however often its jobs run', async () => {
    const place = { environment: 'staging', provider: 'azure', name: 'mail' };
    const job = { GITHUB_JOB: 'deploy', GITHUB_RUN_ID: '2002' };
    const registered: (string | undefined)[] = [];
    for (const version of ['1', '2', '3']) {
      const { outputs } = await use({ ...create, ...place, version }, job);
      const { deployment_id: id = '' } = outputs;
      registered.push(id);
      await use({ command: 'update-status', id, status: 'deployed' }, job);
    }
    const back = await use({ command: 'rollback', ...place, reason: 'Too slow' }, job);
    const { deployment_id: id = '' } = back.outputs;
    expect((await get(id))['notes']).to.include('Too slow');
    await use({ command: 'update-status', id, status: 'failed' }, job);

    const again = { ...job, GITHUB_RUN_ATTEMPT: '2' };
    const repeated = await use({ command: 'rollback', ...place, reason: 'Too slow' }, again);
    expect(repeated.outputs).to.include({ deployment_id: id });
    const first = await use({ ...create, ...place, version: '1' }, again);
    expect(first.outputs).to.include({ deployment_id: registered[0] });
  });

  it('locks a place, also with a rollback, and hands the id of the lock on', async () => {
    const { issuer, service } = running.now;
    const sender = { token: issuer.sign() };
    const where = { environment: 'locked', provider: 'aws' };
    const locks = async () => (await send(service, sender, 'get', '/v1/locks')).body;
    const locked = await use({
      ...{ command: 'lock', environment: 'locked', reason: 'Failing over', for: '2h' },
      'no-rollbacks': 'true',
    });
    expect(locked.code, locked.log).to.equal(0);
    const { lock_id: id = '' } = locked.outputs;
    const [lock] = await locks();
    expect(lock).to.deep.include({
      ...{ id, reason: 'Failing over', allow: [], scope: { environment: 'locked' } },
      ...{ created_by_actor: 'octocat', created_by_repo: 'acme/shop' },
    });
    expect((await use({ command: 'unlock', id })).code).to.equal(0);
    expect(await locks()).to.deep.equal([]);

    for (const version of ['1', '2']) {
      const body = { ...where, name: 'search', version, type: 'k8s' };
      const created = await send(service, sender, 'post').send(body).expect(201);
      const path = `/v1/deployments/${created.body.id}`;
      await send(service, sender, 'patch', path).send({ status: 'deployed' }).expect(200);
    }
    const rollback = { ...where, command: 'rollback', name: 'search' };
    const plain = await use({ ...rollback, lock: 'false', 'idempotency-key': 'plain' });
    expect(plain.code, plain.log).to.equal(0);
    expect(plain.outputs).not.to.have.property('lock_id');
    expect(
      (await use({ command: 'reject', id: plain.outputs['deployment_id'] ?? '' })).code,
    ).to.equal(0);
    const back = await use({ ...rollback, lock: 'true' });
    expect(back.code, back.log).to.equal(0);
    expect(back.outputs['lock_id']).to.equal(back.outputs['deployment_id']);
    expect(await locks()).to.have.length(1);
    await use({ command: 'unlock', id: back.outputs['lock_id'] ?? '' });
  });

  it('registers when the commit was made', async () => {
    const at = '2026-01-05T10:30:00+01:00';
    const { outputs } = await use({ ...create, version: '1.5.0', 'commit-at': at });
    expect(await get(outputs['deployment_id'])).to.include({
      commit_at: '2026-01-05T09:30:00.000Z',
    });
  });

  it('fails with the exit code of the command line, and says why on the page of the run', async () => {
    const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
    const rows: [Record<string, string>, number, RegExp][] = [
      [{ command: 'get', id }, 4, /^No deployment with id 019b8d3f/],
      [{ command: 'get', id, name: 'checkout' }, 2, /^unknown option '--name/],
      [{ command: 'get' }, 2, /missing required argument 'id'/],
      [{ command: '-x' }, 2, /^The input command is not a command/],
      [{ command: '' }, 2, /^Set one of the inputs command, run and start: true/],
      [{ command: 'get', start: 'true' }, 2, /^Set one of the inputs/],
      [{ start: 'yes' }, 2, /^The input start must be true or false/],
      [{ run: 'true', report: 'false' }, 2, /^The input report is for a command/],
      [{ command: 'release', report: 'yes' }, 2, /^The input report must be true or false/],
      [{ command: 'rollback', lock: 'yes' }, 2, /^The input lock must be true or false/],
    ];
    for (const [inputs, code, says] of rows) {
      const result = await use(inputs);
      expect(result).to.deep.include({ code, log: '' });
      expect(errorsOf(result)).to.have.length(1);
      expect(errorsOf(result)[0]).to.match(says);
      const [error] = result.commands.filter(({ command }) => command === 'error');
      expect(error?.properties).to.deep.equal({ title: 'Deployment Queue' });
    }
    const url = 'https://queue.example.invalid';
    const unpermitted = await use({ ...create, url }, { ACTIONS_ID_TOKEN_REQUEST_URL: '' });
    expect(unpermitted.code).to.equal(7);
    expect(errorsOf(unpermitted)[0]).to.match(/id-token: write/);
  });

  describe('reports after the job what a step has begun:', () => {
    /** Registers and releases, as a job does that then fails or is cancelled. */
    async function release(
      inputs: Readonly<Record<string, string>> = {},
      environment: Readonly<Record<string, string>> = {},
    ) {
      registered += 1;
      const version = `report-${registered}`;
      const { outputs } = await use({ ...create, version });
      const id = outputs['deployment_id'] ?? '';
      const step = await use({ command: 'release', id, ...inputs }, environment);
      expect(step.code).to.equal(0);
      return { id, step };
    }
    let registered = 0;
    const statusOf = async (id: string) => (await get(id))['status'];

    for (const [job, status] of [
      ['failure', 'failed'],
      ['cancelled', 'cancelled'],
    ] as const) {
      it(`it is ${status} when the job is ${job}`, async () => {
        const { id, step } = await release();
        const after = await step.post(job);
        expect(after).to.include({ code: 0 });
        expect(after.summary).to.match(new RegExp(`^- Reported .*: ${status} `));
        expect(await statusOf(id)).to.equal(status);
      });
    }

    it('also where update-status has begun it', async () => {
      const { outputs } = await use({ ...create, version: 'report-update' });
      const id = outputs['deployment_id'] ?? '';
      const step = await use({ command: 'update-status', id, status: 'in_progress' });
      await step.post('failure');
      expect(await statusOf(id)).to.equal('failed');
    });

    it('nothing in a job that went well, which may leave it to another', async () => {
      const { id, step } = await release();
      expect(await step.post('success')).to.deep.include({ code: 0, log: '', commands: [] });
      expect(await statusOf(id)).to.equal('in_progress');
    });

    it('nothing when the step says so', async () => {
      const { id, step } = await release({ report: 'false' });
      expect(await step.post('failure')).to.deep.include({ code: 0, log: '', commands: [] });
      expect(await statusOf(id)).to.equal('in_progress');
    });

    it('nothing when its outcome has been reported', async () => {
      const { id, step } = await release();
      await use({ command: 'update-status', id, status: 'deployed' });
      const after = await step.post('failure');
      expect(after.log).to.match(/is deployed: there is nothing left to report/);
      expect(await statusOf(id)).to.equal('deployed');
    });

    it('nothing of an attempt that somebody else has begun since', async () => {
      const { id, step } = await release();
      const sender = { token: running.now.issuer.sign() };
      for (const status of ['cancelled', 'scheduled', 'in_progress']) {
        const path = `/v1/deployments/${id}`;
        await send(running.now.service, sender, 'patch', path).send({ status }).expect(200);
      }
      expect(await step.post('cancelled')).to.include({ code: 0 });
      expect(await statusOf(id)).to.equal('in_progress');
    });

    it('nothing of a step that has begun nothing', async () => {
      const { outputs } = await use({ ...create, version: 'report-none' });
      const id = outputs['deployment_id'] ?? '';
      const step = await use({ command: 'wait', id, for: 'scheduled' });
      expect(await step.post('failure')).to.deep.include({ code: 0, log: '', commands: [] });
      expect(await statusOf(id)).to.equal('scheduled');
    });

    it('and says so when it cannot', async () => {
      const gateway = await startGateway(running.now.service.apiUrl);
      try {
        const { id, step } = await release({ url: gateway.url });
        gateway.before.set(serverError(503));
        const after = await step.post('failure');
        expect(after.code).to.equal(6);
        expect(errorsOf(after)).to.have.length(1);
        expect(await statusOf(id)).to.equal('in_progress');
      } finally {
        await gateway.stop();
      }
    });

    it('and sees a release through that a cancelled job interrupts', async () => {
      const gateway = await startGateway(running.now.service.apiUrl);
      try {
        const { outputs } = await use({ ...create, version: 'report-interrupted' });
        const id = outputs['deployment_id'] ?? '';
        gateway.after.set(slow(100), { times: 1 });
        const step = await use({ command: 'release', id, url: gateway.url }, {}, (child) => {
          void until('it is sent', () => gateway.seen.length > 0).then(() => child.kill('SIGINT'));
        });
        expect(step).to.include({ code: 0 });
        await step.post('cancelled');
        expect(await statusOf(id)).to.equal('cancelled');
      } finally {
        await gateway.stop();
      }
    });

    it('and does not make a cancelled job wait for a deployment', async () => {
      const { outputs } = await use({ ...create, version: 'report-waiting' });
      const id = outputs['deployment_id'] ?? '';
      const { code } = await use({ command: 'wait', id }, {}, (child) => {
        child.stderr?.on('data', (text: string) => {
          if (text.includes('is scheduled')) child.kill('SIGINT');
        });
      });
      expect(code).to.equal(130);
    });
  });

  describe('has the runner hide', () => {
    const requestToken = () => tokens.environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];

    it('the tokens of the job, before anything else is printed', async () => {
      const { commands } = await use({ command: 'list' });
      expect(commands).to.deep.equal(
        [requestToken(), tokens.given.at(-1)].map((data) => ({
          command: 'add-mask',
          properties: {},
          data,
        })),
      );
    });

    it('tokens of people, also when the step ends at once', async () => {
      const person = running.now.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
      const environment = { DEPLOYMENT_QUEUE_TOKEN: person, GITHUB_TOKEN: `a%0Ab\n${person}` };
      const { commands, log } = await use({ command: 'get', id: 'x' }, environment);
      const [error, ...masks] = [...commands].reverse();
      expect(error?.command).to.equal('error');
      expect(masks.reverse().map(({ command, data }) => [command, data])).to.deep.equal(
        [person, environment.GITHUB_TOKEN, requestToken()].map((data) => ['add-mask', data]),
      );
      expect(log).not.to.include(person);
    });
  });

  it('makes no command of the runner of what others have named', async () => {
    const [name = '', version = ''] = hostileNames;
    const { outputs } = await use({ ...create, name, version });
    const { deployment_id: id = '' } = outputs;
    for (const inputs of [
      { command: 'get', id },
      { command: 'wait', id, for: 'scheduled' },
    ]) {
      const { commands, log } = await use(inputs);
      expect(commands.map((one) => one.command)).to.deep.equal(['add-mask', 'add-mask']);
      expect(log).to.include('title=Deployed');
    }
  });

  describe('never takes an input for', () => {
    const marked = () => join(runner.workspace, 'touched');
    // Steps run in the workspace.
    const payloads = [
      '"; touch touched; "',
      "'; touch touched; '",
      '$(touch touched)',
      '`touch touched`',
      '}; touch touched; #',
      'x\ntouch touched\n',
    ];
    const freeText = [
      ...['name', 'version', 'environment', 'cloud-account-id', 'region', 'cell'],
      ...['commit-sha', 'description', 'notes', 'resource', 'pipeline-extra-params'],
      ...['build-uri', 'deployment-uri'],
    ];
    /** A URL has no spaces; a shell reads ${IFS} as one. */
    const fitting = (name: string, payload: string) =>
      name.endsWith('-uri')
        ? `https://example.com/${payload.replaceAll(/\s/g, '${IFS}')}`
        : payload;
    async function expectUntouched(): Promise<void> {
      const there = await access(marked()).then(
        () => true,
        () => false,
      );
      expect(there, 'a file was made').to.equal(false);
      expect(await readdir(runner.workspace)).to.deep.equal([]);
    }

    it('shell text: each is kept letter by letter', async () => {
      for (const shift of [0, 1]) {
        const text = (index: number) => payloads[(index + shift) % payloads.length] ?? '';
        const kept = freeText.map((name, index) => [name, fitting(name, text(index))] as const);
        const { code, log, outputs } = await use({ ...create, ...Object.fromEntries(kept) });
        expect(code, log).to.equal(0);
        const fields = kept.map(([name, value]) => [name.replaceAll('-', '_'), value]);
        expect(await get(outputs['deployment_id'])).to.include(Object.fromEntries(fields));
        await expectUntouched();
      }
    });

    it('shell text: all of them at once, whatever the command', async () => {
      const names = Object.keys((await readAction()).inputs);
      const [payload = ''] = payloads;
      const options = names.filter(
        (name) => !['report', 'job-status', 'run', 'start'].includes(name),
      );
      const everything = Object.fromEntries(options.map((name) => [name, payload]));
      for (const command of [payload, 'create', 'list']) {
        expect((await use({ ...everything, command })).code).to.equal(2);
        await expectUntouched();
      }
    });

    it('an option: nothing is sent elsewhere', async () => {
      const given = tokens.given.length;
      const elsewhere = '--url=http://127.0.0.1:9';
      expect((await use({ command: 'get', id: elsewhere })).code).to.equal(2);
      expect((await use({ command: elsewhere, id: 'list' })).code).to.equal(2);
      expect(tokens.given).to.have.length(given);
    });
  });
});

describe('action.yml', () => {
  it('has inputs that are options of a command, each by its own name', async () => {
    const { inputs: described } = await readAction();
    const [, named = ''] = /One of (.*?)\./.exec(described['command']?.description ?? '') ?? [];
    const helps = await Promise.all(
      [...named.split(', '), 'run'].map((command) => commandLine({}, command, '--help')),
    );
    const help = helps.map(({ stdout }) => stdout).join('');
    const own = ['command', 'run', 'start', 'id', 'report', 'job-status'];
    for (const name of Object.keys(described).filter((one) => !own.includes(one))) {
      expect(help).to.match(new RegExp(`^ +--${name} (<| +\\w)`, 'm'));
    }
  });

  it('describes the commands of the command line and the enums of the contract', async () => {
    const { inputs: described } = await readAction();
    const { stdout } = await commandLine({}, '--help');
    const [, listed] = /^Commands:\n(.*?)\n {2}help /ms.exec(stdout) ?? [];
    const commands = listed?.match(/^ {2}[a-z-]+/gm)?.map((command) => command.trim());
    const [, named] = /One of (.*?)\./.exec(described['command']?.description ?? '') ?? [];
    expect(commands).to.be.an('array').and.include('policy');
    // A step of the action is about deployments: some commands have commands of their own, others are for people,
    // and the lease of `claim` would be over before the next step.
    const others = [
      ...['policy', 'environments', 'current', 'diff', 'claim', 'run', 'status', 'open'],
      ...['locks', 'freeze', 'unfreeze', 'freezes', 'approvals'],
      ...['login', 'logout', 'whoami', 'completion'],
    ];
    const ofDeployments = commands?.filter((command) => !others.includes(command)) ?? [];
    expect(named?.split(', ')).to.have.members(ofDeployments);
    const notOfTheAction = [
      ...['checkPolicies', 'putEnvironment', 'listEvents', 'streamEvents'],
      // What passes a lock is said by no-rollbacks.
      ...['createLock', 'createFreeze'],
    ];
    const withEnums = Object.entries(inputs)
      .flatMap(([operation, ofIt]) => (notOfTheAction.includes(operation) ? [] : ofIt))
      .filter((input) => input.name !== 'status' && input.enum !== undefined);
    expect(withEnums).not.to.be.empty;
    for (const { name, enum: values = [] } of withEnums) {
      expect(described[name]?.description).to.include(`One of ${values.join(', ')}.`);
    }
  });
});
