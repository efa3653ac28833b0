import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { commandLine, environmentOf } from '../support/command-line.js';
import type { CommandResult } from '../support/command-line.js';
import { startGateway } from '../support/gateway.js';
import { hostileNames } from '../support/hostile-names.js';
import { runService } from '../support/http.js';
import { readCommands } from '../support/runner/commands.js';
import { readOutputs } from '../support/runner/environment-files.js';

/** A name that clears a terminal, hides what follows, and tells a runner to do something. */
const hostile = 'a\u001b[2J\u202eb\u0007\nc::set-output name=x::y\r##[add-mask]d\u2028e\u009bf';

describe('the output of deployment-queue', () => {
  const running = runService();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const inJob = () => ({
    ...environmentOf(running),
    GITHUB_ACTIONS: 'true',
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    GITHUB_SHA: '4f0c6b1c8f6f4c2a9f3d1e7b5a8c9d0e1f2a3b4c',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/checkout',
    GITHUB_RUN_ID: '1001',
  });
  const place = ['--name=checkout', '--environment=production', '--provider=gcp', '--type=k8s'];

  it('has every deployment with --all, over all pages', async () => {
    for (const version of ['1', '2', '3']) await running.tenant.create({ version });
    const { DEPLOYMENT_QUEUE_URL: url = '', ...environment } = environmentOf(running);
    // A page holds a thousand: this makes the first one hold one.
    const first = await fetch(`${url}/v1/deployments?limit=1`, {
      headers: { 'X-Organisation': running.tenant.organisation },
    });
    const gateway = await startGateway(url);
    try {
      const headers = { 'content-type': 'application/json', link: first.headers.get('link') ?? '' };
      const page = { kind: 'answer', status: 200, headers, body: await first.text() } as const;
      gateway.before.set(page, { times: 1 });
      const { stdout } = await commandLine(
        environment,
        'list',
        '--all',
        '--json',
        '--url',
        gateway.url,
      );
      expect(JSON.parse(stdout)).to.deep.equal(await running.tenant.list());

      gateway.seen.length = 0;
      await commandLine(environment, 'list', '--limit=1', '--url', gateway.url);
      expect(gateway.seen.map(({ path }) => path)).to.deep.equal(['/v1/deployments?limit=2']);
    } finally {
      await gateway.stop();
    }
  });

  it('shows what a later version of the service may have', async () => {
    const { DEPLOYMENT_QUEUE_URL: url = '', ...environment } = environmentOf(running);
    const deployment = await running.tenant.create();
    const later = {
      ...deployment,
      status: 'paused',
      provider: 'oracle',
      trigger: 'calendar',
      x: 1,
    };
    const gateway = await startGateway(url);
    try {
      const headers = { 'content-type': 'application/json', etag: '"2-a"' };
      const answer = (body: unknown) =>
        ({ kind: 'answer', status: 200, headers, body: JSON.stringify(body) }) as const;
      gateway.before.set(answer([later]), { times: 1 });
      const list = await commandLine(environment, 'list', '--url', gateway.url);
      expect(list).to.include({ code: 0, stderr: '' });
      expect(list.stdout).to.match(/ paused .* oracle +calendar$/m);
      gateway.before.set(answer(later), { times: 1 });
      const get = await commandLine(environment, 'get', deployment.id, '--url', gateway.url);
      expect(get.stdout)
        .to.match(/^status +paused$/m)
        .and.match(/^x +1$/m);
    } finally {
      await gateway.stop();
    }
  });

  for (const command of [['list'], ['get'], ['lineage'], ['get', '--json'], ['list', '--json']]) {
    it(`of ${command.join(' ')} holds nothing that a terminal or a runner acts on`, async () => {
      const deployment = await running.tenant.create({ name: hostile, notes: hostile });
      const [name = '', ...flags] = command;
      const argv = name === 'list' ? flags : [deployment.id, ...flags];
      const { code, stdout, stderr } = await commandLine(environmentOf(running), name, ...argv);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.include('\\u001b[2J\\u202eb\\u0007\\nc');
      expect(stdout).not.to.match(/[^\n\P{C}]|\p{Zl}|^\s*::|##\[/mu);
      if (flags.includes('--json')) {
        expect([JSON.parse(stdout)].flat()).to.deep.equal([deployment]);
      }
    });
  }

  describe('is no command of the runner of GitHub Actions', () => {
    /** All but the one by which an error is shown on the page of the run. */
    const commandsIn = ({ code, stdout, stderr }: CommandResult) => {
      const [last, ...others] = readCommands(stderr).commands.toReversed();
      const { command, properties, data = '' } = last ?? {};
      const isOwn =
        command === 'error' &&
        JSON.stringify(properties) === '{"title":"Deployment Queue"}' &&
        !/\p{C}/u.test(data);
      const own = code !== 0 && isOwn ? others : readCommands(stderr).commands;
      return [...readCommands(stdout).commands, ...own];
    };
    const json = (body: unknown) =>
      ({
        kind: 'answer',
        status: 200,
        headers: { 'content-type': 'application/json', etag: '"2-a"' },
        body: JSON.stringify(body),
      }) as const;

    for (const hostile of hostileNames) {
      it(`when names are ${JSON.stringify(hostile)}`, async () => {
        const texts = { version: hostile, notes: hostile, resource: hostile };
        const fields = { name: hostile, environment: hostile, region: hostile, ...texts };
        const deployment = await running.tenant.create(fields, 'deployed');
        const { id } = deployment;
        const run = (...argv: string[]) => commandLine(inJob(), ...argv);
        const results = [
          await run('wait', id),
          await run('wait', id, '--for=skipped'),
          await run('get', id),
          await run('list'),
          await run('lineage', id),
          await run('events', id),
          await run('update-status', id, hostile),
          await run('get', hostile),
          await run(hostile),
          await run('list', `--url=${hostile}`),
          await run('list', `--environment=${hostile}`, '--limit=1'),
          await run('list', `--${hostile}`),
        ];
        for (const result of results) expect(commandsIn(result)).to.deep.equal([]);
        expect(results.map(({ code }) => code)).to.deep.equal([
          ...[0, 8, 0, 0, 0, 0],
          ...[2, 2, 2, 2, 0, 2],
        ]);
        const outputs = readOutputs(await readFile(join(folder, 'output'), 'utf8'));
        expect(outputs).to.include({ deployment_id: id, status: 'deployed', version: hostile });
        expect(readCommands(outputs['json'] ?? '').commands).to.deep.equal([]);
        expect(JSON.parse(outputs['json'] ?? '')).to.deep.equal(deployment);
        for (const argv of [['get', id], ['list'], ['wait', id, '--for=skipped']]) {
          const result = await run(...argv, '--json');
          expect(commandsIn(result)).to.deep.equal([]);
          expect([JSON.parse(result.stdout)].flat()).to.deep.equal([deployment]);
        }
      });
    }

    it('when a service answers with anything at all', async () => {
      const gateway = await startGateway(running.service.apiUrl);
      try {
        for (const hostile of hostileNames) {
          const deployment = {
            ...(await running.tenant.create()),
            ...{ status: hostile, id: hostile, created_at: hostile, [hostile]: hostile },
          };
          const problem = {
            ...{ type: hostile, title: hostile, status: 200, detail: hostile, instance: hostile },
            errors: [hostile, hostile].map((message) => ({ pointer: hostile, message })),
          };
          const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
          for (const [argv, body] of [
            [['get', id], deployment],
            [['list'], [deployment]],
            [['get', id], { ...problem, status: 404 }],
            [['create', ...place, '--version=1'], problem],
          ] as const) {
            for (const flags of [[], ['--json']]) {
              gateway.before.set(json(body), { times: 1 });
              const result = await commandLine(inJob(), ...argv, ...flags, '--url', gateway.url);
              expect(result.stdout + result.stderr).not.to.equal('');
              expect(commandsIn(result), result.stdout).to.deep.equal([]);
            }
          }
        }
      } finally {
        await gateway.stop();
      }
    });

    it('also outside of a job, since what is printed there may come to a log later', async () => {
      const [name = ''] = hostileNames;
      const { id } = await running.tenant.create({ name }, 'deployed');
      const result = await commandLine(environmentOf(running), 'wait', id);
      expect(commandsIn(result)).to.deep.equal([]);
      expect(result.stderr).to.match(/^\\u003a:error title=Deployed::It is broken 1/);
    });
  });

  it('holds nothing of the kind in errors either', async () => {
    const { code, stderr } = await commandLine(
      environmentOf(running),
      'update-status',
      (await running.tenant.create()).id,
      hostile,
    );
    expect(code).to.equal(2);
    const none = await commandLine(environmentOf(running), 'get', `a${hostile}`);
    for (const text of [stderr, none.stderr]) {
      expect(text.trimEnd()).not.to.match(/\p{C}|\p{Zl}|##\[/u);
    }
  });

  describe('in a job of GitHub Actions', () => {
    it('leaves the outputs of the step, in which a value cannot add another', async () => {
      const version = '1\nstatus=deployed\nstatus<<EOF';
      const { code } = await commandLine(inJob(), 'create', ...place, '--version', version);
      expect(code).to.equal(0);
      const [deployment] = await running.tenant.list();
      const outputs = readOutputs(await readFile(join(folder, 'output'), 'utf8'));
      expect(outputs).to.deep.equal({
        deployment_id: deployment?.id,
        status: 'scheduled',
        version,
        json: JSON.stringify(deployment),
      });
    });

    it('adds a line to the summary, in which no value is Markdown or HTML', async () => {
      const name = '[x](https://evil.example) <img src=x> `code` **\n# title | @octocat';
      await commandLine(inJob(), 'create', ...place, `--name=${name}`, '--version=1.4.0');
      const summary = await readFile(join(folder, 'summary'), 'utf8');
      const [line = '', ...more] = summary.split('\n');
      expect(more).to.deep.equal(['']);
      const text = line.replaceAll(/\\[!-/:-@[-`{-~]/g, '.');
      expect(text).to.match(
        /^- Registered \*\*[^*]*\*\* to production. gcp: scheduled \([\w.]*\)$/,
      );
      expect(line.replaceAll('\\', '')).to.include('<img src=x>').and.include('1.4.0');
    });

    it('registers the commit and the run, unless others are named', async () => {
      await commandLine(inJob(), 'create', ...place, '--version=1');
      await commandLine(inJob(), 'create', ...place, '--version=2', '--commit-sha=abc');
      const [second, first] = await running.tenant.list();
      const build_uri = 'https://github.com/acme/checkout/actions/runs/1001';
      expect(first).to.include({
        commit_sha: '4f0c6b1c8f6f4c2a9f3d1e7b5a8c9d0e1f2a3b4c',
        build_uri,
      });
      expect(second).to.include({ commit_sha: 'abc', build_uri });
    });

    describe('that is run again', () => {
      const create = ['create', ...place, '--version=1', '--json'];
      const again = (changed: object = {}) => ({
        ...{ ...inJob(), GITHUB_JOB: 'register', GITHUB_RUN_ATTEMPT: '2' },
        ...changed,
      });
      const first = () => again({ GITHUB_RUN_ATTEMPT: '1' });

      it('registers once, and says so the second time', async () => {
        const registered = await commandLine(first(), ...create);
        expect(registered).to.include({ code: 0, stderr: '' });
        const repeated = await commandLine(again(), ...create);
        expect(repeated).to.include({ code: 0, stdout: registered.stdout });
        expect(repeated.stderr).to.match(/registered before/);
        expect(await running.tenant.list()).to.have.length(1);
      });

      it('rolls back once, also when its rollback has been deployed', async () => {
        for (const version of ['1', '2', '3']) {
          await running.tenant.create({ version }, 'deployed');
        }
        const where = ['--name=checkout', '--environment=production', '--provider=gcp', '--json'];
        const back = await commandLine(first(), 'rollback', ...where);
        const { id } = JSON.parse(back.stdout);
        await running.tenant.move(id, 'deployed');
        const repeated = await commandLine(again(), 'rollback', ...where);
        expect(JSON.parse(repeated.stdout)).to.include({ id, version: '2' });
        expect(repeated.stderr).to.match(/rolled back before/);
        const byId = await commandLine(again(), 'rollback', id, '--json');
        expect(JSON.parse(byId.stdout)).to.include({ version: '1' });
      });

      for (const [what, environment, more] of [
        ['in another run', { GITHUB_RUN_ID: '1002' }, []],
        ['in another job', { GITHUB_JOB: 'other' }, []],
        ['in another repository', { GITHUB_REPOSITORY: 'acme/other' }, []],
        ['with other inputs', {}, ['--cell=1']],
        ['with a key of its own', {}, ['--idempotency-key=mine']],
        ['outside of Actions', { GITHUB_ACTIONS: '' }, []],
      ] as const) {
        it(`registers another ${what}`, async () => {
          await commandLine(first(), ...create);
          const other = await commandLine(again(environment), ...create, ...more);
          expect(other).to.include({ code: 0, stderr: '' });
          expect(await running.tenant.list()).to.have.length(2);
        });
      }
    });

    it('leaves the outputs of a deployment that was waited for in vain', async () => {
      const { id } = await running.tenant.create({}, 'failed');
      expect(await commandLine(inJob(), 'wait', id)).to.include({ code: 8 });
      const outputs = readOutputs(await readFile(join(folder, 'output'), 'utf8'));
      expect(outputs).to.include({ deployment_id: id, status: 'failed' });
    });

    it('says that the deployment was made when the outputs cannot be written', async () => {
      const environment = { ...inJob(), GITHUB_OUTPUT: folder };
      const { code, stdout, stderr } = await commandLine(
        environment,
        'create',
        ...place,
        '--version=1',
      );
      expect(code).to.equal(1);
      expect(stdout).to.match(/^status +scheduled$/m);
      expect(stderr).to.match(
        /^::error title=Deployment Queue::that is done, but the job cannot be told .*EISDIR/,
      );
    });
  });
});
