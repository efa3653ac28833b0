import { expect } from 'chai';
import { commandLine, environmentOf } from '../support/command-line.js';
import { startGateway } from '../support/gateway.js';
import { runService } from '../support/http.js';
import { Person } from '../support/person.js';

describe('deployment-queue', () => {
  const running = runService();
  const run = (...argv: string[]) => commandLine(environmentOf(running), ...argv);
  let person: Person;
  beforeEach(async () => {
    person = await Person.create();
  });
  afterEach(() => person.remove());

  describe('status', () => {
    it('shows what runs, waits and failed', async () => {
      const runs = await running.tenant.create({ name: 'basket' }, 'in_progress');
      const failed = await running.tenant.create({ name: 'search' }, 'failed');
      await running.tenant.create({ name: 'done' }, 'deployed');
      const { code, stdout, stderr } = await run('status');
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      const [first, second, third] = stdout.split('\n\n');
      expect(first)
        .to.match(/^In progress: 1\n/)
        .and.include(runs.id);
      expect(second).to.equal('Waiting: 0');
      expect(third)
        .to.match(/^Failed: 1\n/)
        .and.include(failed.id);
      expect(stdout).not.to.include('done');
    });

    it('keeps to a place, and says that there are older ones', async () => {
      for (let version = 1; version <= 11; version += 1) {
        await running.tenant.create({ version: String(version) });
      }
      await running.tenant.create({ environment: 'staging' });
      const { stdout } = await run('status', '--environment=production', '--name=checkout');
      expect(stdout)
        .to.match(/^Waiting: 10, and older ones$/m)
        .and.not.match(/staging/);
      const asJson = JSON.parse((await run('status', '--environment=staging', '--json')).stdout);
      expect(Object.keys(asJson)).to.deep.equal([
        ...['in_progress', 'scheduled', 'failed', 'locks', 'freezes', 'approvals'],
      ]);
      expect(asJson.scheduled).to.have.length(1);
    });
  });

  describe('list', () => {
    it('shows thirty unless told otherwise, and says that there are more', async () => {
      for (let version = 1; version <= 31; version += 1) {
        await running.tenant.create({ version: String(version) });
      }
      const some = await run('list', '--json');
      expect(JSON.parse(some.stdout)).to.have.length(30);
      expect(some.stderr).to.match(/^There are more than these 30: --limit .*--all/);
      const all = await run('list', '--json', '--all');
      expect(JSON.parse(all.stdout)).to.have.length(31);
      expect(all.stderr).to.equal('');
      const exactly = await run('list', '--json', '--limit=31');
      expect(exactly.stderr).to.equal('');
      expect(await run('list', '--all', '--limit=3')).to.include({ code: 2 });
    });
  });

  describe('open', () => {
    const pages = {
      build_uri: 'https://example.com/build/1',
      deployment_uri: 'https://example.com/run/1',
    };
    const open = (...argv: string[]) => person.run(environmentOf(running), ['open', ...argv]);

    it('opens the page of the rollout, or that of the build, and prints it', async function () {
      if (process.platform !== 'linux') {
        console.log('      SKIPPED: xdg-open is of Linux');
        this.skip();
      }
      await person.install('xdg-open', `printf '%s\\n' "$@" >>"$HOME/opened"`);
      const { id } = await running.tenant.create(pages);
      expect(await open(id)).to.deep.equal({
        code: 0,
        stdout: `${pages.deployment_uri}\n`,
        stderr: '',
      });
      expect(await open(id, '--build')).to.include({ stdout: `${pages.build_uri}\n` });
      const built = await running.tenant.create({ build_uri: pages.build_uri });
      expect(await open(built.id)).to.include({ stdout: `${pages.build_uri}\n` });
    });

    it('says so when there is no browser, or no page', async () => {
      const { id } = await running.tenant.create(pages);
      const environment = { ...environmentOf(running), PATH: `${person.home}/bin` };
      const result = await person.run(environment, ['open', id]);
      expect(result).to.deep.equal({
        code: 0,
        stdout: `${pages.deployment_uri}\n`,
        stderr: 'No browser could be started.\n',
      });
      const without = await running.tenant.create();
      const { code, stderr } = await open(without.id);
      expect(code).to.equal(4);
      expect(stderr).to.match(/names no page\n$/);
    });
  });

  describe('completion', () => {
    const complete = async (...words: string[]) =>
      (await run('complete', '--', ...words)).stdout.split('\n').filter((line) => line !== '');

    it('knows commands, options, and the values that the contract lists', async () => {
      expect(await complete('upd')).to.deep.equal(['update-status']);
      expect(await complete(''))
        .to.include.members(['list', 'login'])
        .and.not.include('complete');
      expect(await complete('list', '--env')).to.deep.equal(['--environment']);
      expect(await complete('list', '--status', 'de')).to.deep.equal(['deployed']);
      expect(await complete('create', '--provider', '')).to.deep.equal(['gcp', 'aws', 'azure']);
      expect(await complete('create', '--name', '')).to.deep.equal([]);
      expect(await complete('policy', 'se')).to.deep.equal(['set']);
      expect(await complete('completion', 'z')).to.deep.equal(['zsh']);
    });

    it('works in bash', async () => {
      const script = `source <(deployment-queue completion bash)
        COMP_WORDS=(deployment-queue list --st) COMP_CWORD=2
        _deployment_queue && echo "\${COMPREPLY[@]}"
        complete -p deployment-queue`;
      const { code, stdout } = await person.run({}, ['--norc', '-c', script], '', 'bash');
      expect(code).to.equal(0);
      expect(stdout).to.match(/^--status\ncomplete .*-F _deployment_queue deployment-queue\n$/);
    });

    for (const [shell, check] of [
      ['zsh', ['-n']],
      ['fish', ['--no-execute']],
    ] as const) {
      it(`is a script that ${shell} can read`, async function () {
        const { stdout } = await run('completion', shell);
        expect(stdout).to.include('deployment-queue complete -- ');
        const found = await person.run({}, ['-c', `command -v ${shell}`], '', 'sh');
        if (found.code !== 0) {
          console.log(`      SKIPPED: ${shell} is not installed`);
          this.skip();
        }
        expect(await person.run({}, [...check], stdout, shell)).to.include({ code: 0 });
      });
    }
  });

  it('says the version of its package', async () => {
    for (const flag of ['--version', '-V']) {
      expect((await run(flag)).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    }
  });

  it('says that it tries again', async () => {
    const { DEPLOYMENT_QUEUE_URL: url = '', ...environment } = environmentOf(running);
    const gateway = await startGateway(url);
    try {
      gateway.before.set({ kind: 'answer', status: 502, headers: {}, body: '' }, { times: 1 });
      const flags = ['--url', gateway.url, '--retry-timeout', '1m'];
      const { code, stderr } = await commandLine(environment, 'list', ...flags);
      expect(code).to.equal(0);
      expect(stderr).to.match(
        /^deployment-queue: listDeployments: .* answered 502 .*; trying again in 0\.\d s\n/,
      );
    } finally {
      await gateway.stop();
    }
  });
});
