import { readFile, stat, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { authenticateAll } from '../support/authenticated-service.js';
import { startDeviceFlow } from '../support/github/device-flow.js';
import type { Verdict } from '../support/github/device-flow.js';
import { randomToken } from '../support/github/github-tokens.js';
import { Person } from '../support/person.js';

describe('deployment-queue login', () => {
  const running = authenticateAll();
  let person: Person;
  beforeEach(async () => {
    person = await Person.create();
  });
  afterEach(() => person.remove());

  const octocat = () =>
    running.now.gitHub.addUser({ login: 'octocat', memberships: { acme: 'active' } });
  const service = () => ['--url', running.now.service.apiUrl, '--organisation', 'acme'];
  const saved = async () => JSON.parse(await readFile(person.config, 'utf8'));
  /** No token is ever printed. */
  const run = async (environment: Record<string, string>, argv: string[], stdin = '') => {
    const result = await person.run(environment, argv, stdin);
    expect(result.stdout + result.stderr).not.to.match(/gh[a-z]_[A-Za-z0-9]{16}/);
    return result;
  };
  const loggedIn = async (): Promise<string> => {
    const token = octocat();
    const { code } = await run({}, ['login', '--with-token', ...service()], `${token}\n`);
    expect(code).to.equal(0);
    return token;
  };

  it('takes the token of gh, and later commands need nothing more', async () => {
    const token = octocat();
    await person.install('gh', `[ "$*" = 'auth token --hostname github.com' ] && echo ${token}`);
    const { code, stdout, stderr } = await run({}, ['login', ...service()]);
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
    expect(stderr).to.match(/octocat, a member, may read/);
    expect(await saved()).to.deep.equal({
      url: running.now.service.apiUrl,
      organisation: 'acme',
      token,
    });
    const whoami = await run({}, ['whoami', '--json']);
    expect(JSON.parse(whoami.stdout)).to.include({
      url: running.now.service.apiUrl,
      organisation: 'acme',
      credentials: 'login',
    });
    expect(whoami.stdout).to.match(
      /octocat, a member, may not configure: policies and environments/,
    );
    expect(await run({}, ['list', '--json'])).to.deep.equal({
      code: 0,
      stdout: '[]\n',
      stderr: '',
    });
  });

  it("writes a file that is for its owner's eyes only, also over one that was not", async () => {
    await loggedIn();
    expect((await stat(person.config)).mode & 0o777).to.equal(0o600);
    await writeFile(person.config, '{}', { mode: 0o644 });
    await loggedIn();
    expect((await stat(person.config)).mode & 0o777).to.equal(0o600);
  });

  it('writes nothing when the service does not accept the token', async () => {
    const argv = ['login', '--with-token', ...service()];
    const { code, stderr } = await run({}, argv, randomToken('classic'));
    expect(code).to.equal(7);
    expect(stderr).to.match(/GitHub does not know the token/);
    expect(await stat(person.config).catch(() => undefined)).to.equal(undefined);
  });

  it('says what to do where nobody can be asked', async () => {
    for (const [argv, says] of [
      [['login'], /where is the service\? Use --url/],
      [['login', '--url', running.now.service.apiUrl], /for which organisation\? Use/],
      [['login', ...service()], /gh auth login.*--client-id.*--with-token/],
    ] as const) {
      const { code, stderr } = await run({}, [...argv]);
      expect(code).to.equal(2);
      expect(stderr).to.match(says);
    }
    const { stderr } = await run({}, ['login', '--with-token', ...service()]);
    expect(stderr).to.match(/the standard input holds no token/);
  });

  describe('in the browser', () => {
    const login = async (verdicts: readonly Verdict[]) => {
      const gitHub = await startDeviceFlow(octocat(), verdicts);
      try {
        const argv = ['login', '--client-id', gitHub.clientId, ...service()];
        const result = await run({ GITHUB_SERVER_URL: gitHub.url }, argv);
        return { ...result, asked: gitHub.asked };
      } finally {
        await gitHub.stop();
      }
    };

    it('shows the code to type, and waits until it has been', async () => {
      const { code, stderr, asked } = await login(['authorization_pending', 'granted']);
      expect(stderr).to.match(/^Type WDJB-MJHT at https:\/\/github\.com\/login\/device\n/);
      expect(stderr).to.match(/octocat, a member, may read/);
      expect({ code, asked }).to.deep.equal({ code: 0, asked: 2 });
      expect((await saved()).token).to.match(/^gh/);
    });

    it('ends with 7 when it is refused', async () => {
      const { code, stderr } = await login(['access_denied']);
      expect(code).to.equal(7);
      expect(stderr).to.match(/GitHub gave no token: /);
    });

    it('ends with 7 for an app that GitHub does not know', async () => {
      const gitHub = await startDeviceFlow('x', ['granted']);
      try {
        const argv = ['login', '--client-id', 'other', ...service()];
        const { code } = await run({ GITHUB_SERVER_URL: gitHub.url }, argv);
        expect(code).to.equal(7);
      } finally {
        await gitHub.stop();
      }
    });
  });

  describe('and what it wrote', () => {
    it('is not sent to another service', async () => {
      await loggedIn();
      const { code, stderr } = await run({}, ['list', '--url', 'https://other.example.invalid']);
      expect(code).to.equal(7);
      expect(stderr).to.match(/there is nothing to authenticate with: deployment-queue login/);
    });

    it('gives way to the environment, and that to flags', async () => {
      await loggedIn();
      const token = running.now.gitHub.addUser({
        login: 'hubot',
        memberships: { acme: 'active', globex: 'active' },
      });
      const environment = {
        DEPLOYMENT_QUEUE_TOKEN: token,
        DEPLOYMENT_QUEUE_ORGANISATION: 'nowhere',
      };
      const { stdout } = await run(environment, ['whoami', '--organisation', 'globex', '--json']);
      expect(JSON.parse(stdout)).to.include({
        organisation: 'globex',
        credentials: 'DEPLOYMENT_QUEUE_TOKEN',
      });
      expect(stdout).to.match(/hubot, a member/);
    });

    it('is forgotten by logout, but for where the service is', async () => {
      await loggedIn();
      const { code, stderr } = await run({}, ['logout']);
      expect(code).to.equal(0);
      expect(stderr).to.match(/^The token is gone from .*config\.json\.\n$/);
      const url = running.now.service.apiUrl;
      expect(await saved()).to.deep.equal({ url, organisation: 'acme' });
      expect((await run({}, ['logout'])).stderr).to.equal('No token is written down.\n');
      expect(await run({}, ['list'])).to.include({ code: 7 });
    });

    for (const [what, content, says] of [
      ['is no JSON', '{', /config\.json must hold JSON/],
      ['is no object', '[]', /must hold a JSON object/],
      ['has other names', '{"tokn": "x"}', /may hold url, organisation, token, each a text/],
      ['has no text', '{"url": 1}', /may hold url, organisation, token, each a text/],
    ] as const) {
      it(`is refused when it ${what}`, async () => {
        await loggedIn();
        await writeFile(person.config, content);
        const { code, stderr } = await run({}, ['list']);
        expect(code).to.equal(2);
        expect(stderr).to.match(says);
      });
    }

    it('is where DEPLOYMENT_QUEUE_CONFIG says, or XDG_CONFIG_HOME', async () => {
      const token = octocat();
      const argv = ['login', '--with-token', ...service()];
      for (const [name, value, path] of [
        ['DEPLOYMENT_QUEUE_CONFIG', 'mine.json', 'mine.json'],
        ['XDG_CONFIG_HOME', 'xdg', 'xdg/deployment-queue/config.json'],
      ] as const) {
        const { code } = await run({ [name]: `${person.home}/${value}` }, argv, token);
        expect(code).to.equal(0);
        const content = await readFile(`${person.home}/${path}`, 'utf8');
        expect(JSON.parse(content)).to.include({ token });
      }
    });
  });
});
