import { expect } from 'chai';
import { inputs } from '../../generated/inputs.js';
import { send } from '../support/authenticated-service.js';
import { commandLine } from '../support/command-line.js';
import { readAction } from '../support/runner/action.js';
import { create, errorsOf, runJobs } from '../support/runner/job.js';

describe('the action', () => {
  const { running, use, get } = runJobs();

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
      ...['locks', 'freeze', 'unfreeze', 'freezes', 'calendar', 'calendars', 'approvals'],
      ...['login', 'logout', 'whoami', 'completion'],
    ];
    const ofDeployments = commands?.filter((command) => !others.includes(command)) ?? [];
    expect(named?.split(', ')).to.have.members(ofDeployments);
    const notOfTheAction = [
      ...['checkPolicies', 'putEnvironment', 'listEvents', 'streamEvents'],
      // What passes a lock is said by no-rollbacks.
      ...['createLock', 'createFreeze', 'createFreezeCalendar'],
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
