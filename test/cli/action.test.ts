import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { inputs } from '../../generated/inputs.js';
import { authenticateAll, send } from '../support/authenticated-service.js';
import { commandLine } from '../support/command-line.js';
import { hostileNames } from '../support/hostile-names.js';
import { startActionsTokens } from '../support/oidc/actions-tokens.js';
import type { ActionsTokens } from '../support/oidc/actions-tokens.js';
import { readAction, Runner } from '../support/runner/composite-action.js';
import type { ActionResult } from '../support/runner/composite-action.js';

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
    const result = await runner.use(inputs, { ...job, ...environment });
    const { commands, ...rest } = result;
    const left = JSON.stringify(rest);
    for (const token of tokens.given) expect(left).not.to.include(token);
    expect(left).not.to.include(tokens.environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']);
    const masks = commands.filter(({ command }) => command === 'add-mask');
    expect(masks.map(({ data }) => data)).to.include.members(tokens.given.slice(before));
    return result;
  }

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

  it('registers when the commit was made', async () => {
    const at = '2026-01-05T10:30:00+01:00';
    const { outputs } = await use({ ...create, version: '1.5.0', 'commit-at': at });
    expect(await get(outputs['deployment_id'])).to.include({
      commit_at: '2026-01-05T09:30:00.000Z',
    });
  });

  it('fails with the exit code of the command line, and says why', async () => {
    const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
    const missing = await use({ command: 'get', id });
    expect(missing.code).to.equal(4);
    expect(missing.log).to.match(/No deployment with id 019b8d3f/);
    const stray = await use({ command: 'get', id, name: 'checkout' });
    expect(stray.code).to.equal(2);
    expect(stray.log).to.match(/unknown option '--name/);
    const url = 'https://queue.example.invalid';
    const unpermitted = await use({ ...create, url }, { ACTIONS_ID_TOKEN_REQUEST_URL: '' });
    expect(unpermitted.code).to.equal(7);
    expect(unpermitted.log).to.match(/id-token: write/);
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
      expect(commands.map(({ command, data }) => [command, data])).to.deep.equal(
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
      const everything = Object.fromEntries(names.map((name) => [name, payload]));
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

  it('says what to do on a runner without Node.js', async () => {
    const { code, log, commands } = await use(create, { PATH: '/nowhere' });
    expect({ code, log }).to.deep.equal({ code: 1, log: '' });
    expect(commands).to.have.length(1);
    expect(commands[0]).to.deep.include({
      command: 'error',
      properties: { title: 'Deployment Queue' },
    });
    expect(commands[0]?.data).to.match(/put actions\/setup-node before this step$/);
  });
});

describe('action.yml', () => {
  it('has no expression in the text of a script', async () => {
    const { runs } = await readAction();
    expect(runs.steps).not.to.be.empty;
    for (const { run } of runs.steps) expect(run).not.to.include('${{');
  });

  it('passes every input on, each as one option of its own name', async () => {
    const { inputs, runs } = await readAction();
    const [step] = runs.steps;
    for (const name of Object.keys(inputs)) {
      const variable = `INPUT_${name.replaceAll('-', '_').toUpperCase()}`;
      expect(step?.env).to.include({ [variable]: `\${{ inputs.${name} }}` });
      const passed = ['command', 'id'].includes(name)
        ? `"$${variable}"`
        : `\${${variable}:+"--${name}=$${variable}"}`;
      expect(step?.run).to.include(passed);
    }
    const passed = Object.keys(step?.env ?? {}).filter((name) => name.startsWith('INPUT_'));
    expect(passed).to.have.length(Object.keys(inputs).length);
  });

  it('describes the commands of the command line and the enums of the contract', async () => {
    const { inputs: described } = await readAction();
    const { stdout } = await commandLine({}, '--help');
    const [, listed] = /^Commands:\n(.*?)\n {2}help /ms.exec(stdout) ?? [];
    const commands = listed?.match(/^ {2}[a-z-]+/gm)?.map((command) => command.trim());
    const [, named] = /One of (.*?)\./.exec(described['command']?.description ?? '') ?? [];
    expect(commands).to.be.an('array').and.include('policy');
    // A step of the action is about deployments; `policy` has commands of its own.
    const ofDeployments = commands?.filter((command) => command !== 'policy') ?? [];
    expect(named?.split(', ')).to.have.members(ofDeployments);
    const withEnums = Object.entries(inputs)
      .flatMap(([operation, ofIt]) => (operation === 'checkPolicies' ? [] : ofIt))
      .filter((input) => input.name !== 'status' && input.enum !== undefined);
    expect(withEnums).not.to.be.empty;
    for (const { name, enum: values = [] } of withEnums) {
      expect(described[name]?.description).to.include(`One of ${values.join(', ')}.`);
    }
  });
});
