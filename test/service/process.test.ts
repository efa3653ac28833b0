import { once } from 'node:events';
import { access, appendFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { deploymentBody } from '../support/deployments.js';
import { logLines, Processes } from '../support/process.js';
import { until } from '../support/until.js';

const stack = /^\s+at /m;

/** Registers a deployment without saying who asks. */
async function register(apiUrl: string): Promise<Deployment> {
  const response = await fetch(`${apiUrl}/v1/deployments`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(deploymentBody()),
  });
  expect(response.status).to.equal(201);
  return (await response.json()) as Deployment;
}

describe('the process', () => {
  let processes: Processes;
  beforeEach(async () => {
    processes = await Processes.create();
  });
  afterEach(() => processes.dispose());

  describe('does not start', () => {
    it('with settings that are wrong, and prints every fault without a stack', async () => {
      const { code, stdout, stderr } = await processes.run({
        STORE: 'floppy',
        AUTH_ENABLED: 'maybe',
        DEV_ORGANISATION: 'not a login',
        API_PORT: 'eighty',
        MANAGEMENT_PORT: '70000',
        BODY_LIMIT_BYTES: '1',
        LOG_LEVEL: 'loud',
      }).ended;
      expect(code).to.equal(1);
      expect(stdout).to.equal('');
      const [first, ...faults] = stderr.trimEnd().split('\n');
      expect(first).to.equal('The settings are not valid:');
      expect(faults.map((line) => /^ {2}(\w+) must /.exec(line)?.[1])).to.deep.equal([
        'STORE',
        'AUTH_ENABLED',
        'DEV_ORGANISATION',
        'API_PORT',
        'MANAGEMENT_PORT',
        'BODY_LIMIT_BYTES',
        'LOG_LEVEL',
      ]);
      expect(await readdir(processes.folder)).to.deep.equal([]);
    });

    it('without being told who may call, and prints a variable that may have been meant to', async () => {
      const { code, stdout, stderr } = await processes.run({
        ALLOWED_ORGANISATIONS: '',
        ALLOWED_ORGANIZATIONS: 'S3cret',
        API_PORT: 'eighty',
      }).ended;
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr.trimEnd().split('\n')).to.deep.equal([
        'The settings are not valid:',
        '  API_PORT must be a port number, 0 to 65535',
        '  ALLOWED_ORGANISATIONS must be set while AUTH_ENABLED is true: the logins of those who may call, ' +
          'such as acme,globex, or * for every organisation of GitHub',
        'ALLOWED_ORGANIZATIONS is not a setting; did you mean ALLOWED_ORGANISATIONS?',
      ]);
    });

    it('when a Snowflake account is set without a user and a key, and names both', async () => {
      const { code, stdout, stderr } = await processes.run({ SNOWFLAKE_ACCOUNT: 'acme' }).ended;
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.match(/^ {2}SNOWFLAKE_USER must be set$/m);
      expect(stderr).to.match(/^ {2}SNOWFLAKE_PRIVATE_KEY_PATH must be set, or else/m);
    });

    it('on an open address while authentication is off', async () => {
      const { code, stdout, stderr } = await processes.run({
        AUTH_ENABLED: 'false',
        HOST: '0.0.0.0',
        MANAGEMENT_HOST: '::',
      }).ended;
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr)
        .to.match(/^ {2}HOST must be a loopback address/m)
        .and.match(/^ {2}MANAGEMENT_HOST must be a loopback address/m)
        .and.not.match(stack);
    });

    for (const setting of ['API_PORT', 'MANAGEMENT_PORT']) {
      it(`when the port of ${setting} is in use, and says so in one line`, async () => {
        const other = createServer().listen(0, '127.0.0.1');
        await once(other, 'listening');
        const { port } = other.address() as AddressInfo;
        try {
          const ended = await processes.run({ [setting]: String(port) }).ended;
          expect(ended.code).to.equal(1);
          expect(ended.stderr).to.equal('');
          expect(ended.stdout.trimEnd().split('\n')).to.have.length(1);
          const [{ time, ...line } = {}] = logLines(ended.stdout);
          expect(time).to.be.a('string');
          expect(line).to.deep.equal({
            level: 60,
            msg: `Cannot listen: port ${port} on 127.0.0.1 is in use; set ${setting}`,
          });
          expect(await readdir(processes.folder)).to.deep.equal(['deployments.db']);
        } finally {
          other.close();
        }
      });
    }
  });

  describe('with a .env in its working folder', () => {
    beforeEach(() =>
      writeFile(
        join(processes.folder, '.env'),
        'AUTH_ENABLED=false\nDEV_ORGANISATION=from-file\nLOG_LEVEL=error\n',
      ),
    );

    it('honours it', async () => {
      const { apiUrl } = await processes.start({ LOG_LEVEL: 'info' });
      expect((await register(apiUrl)).organisation).to.equal('from-file');
    });

    it('warns of a name in it that is none of a setting, unless somebody else reads it', async () => {
      await appendFile(
        join(processes.folder, '.env'),
        'LOG_LEVEL=warn\nSECRET_SAUCE=S3cret\nAPI_PROT=1\nGRAFANA_ADMIN_PASSWORD=S3cret\nCOMPOSE_PROJECT_NAME=queue\n',
      );
      const { lines } = await processes.start({ LOG_LEVEL: 'info' });
      const warnings = logLines(lines.join('\n')).filter(({ level }) => level === 40);
      expect(warnings.map(({ msg }) => msg)).to.deep.equal([
        'API_PROT is not a setting; did you mean API_PORT?',
        'SECRET_SAUCE in .env is not a setting',
      ]);
      expect(lines.join('\n')).not.to.include('S3cret');
    });

    it('lets the environment win over it', async () => {
      const { apiUrl } = await processes.start({
        LOG_LEVEL: 'info',
        DEV_ORGANISATION: 'from-environment',
      });
      expect((await register(apiUrl)).organisation).to.equal('from-environment');
    });
  });

  it('opens no inspector when it is signalled to, and goes on', async () => {
    const service = await processes.start({ AUTH_ENABLED: 'false' });
    service.signal('SIGUSR1');
    expect((await register(service.apiUrl)).organisation).to.equal('local-dev');
    service.signal('SIGTERM');
    const { code, stderr } = await service.ended;
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
  });

  it('listens for management on an address of its own', async () => {
    const { apiUrl, managementUrl } = await processes.start({ MANAGEMENT_HOST: '127.0.0.2' });
    expect(apiUrl).to.match(/^http:\/\/127\.0\.0\.1:/);
    expect(managementUrl).to.match(/^http:\/\/127\.0\.0\.2:/);
  });

  it('warns of a variable that is nearly a setting, by name alone', async () => {
    const { lines } = await processes.start({ API_PROT: 'S3cret' });
    const warnings = logLines(lines.join('\n')).filter(({ level }) => level === 40);
    expect(warnings.map(({ msg }) => msg)).to.include(
      'API_PROT is not a setting; did you mean API_PORT?',
    );
    expect(lines.join('\n')).not.to.include('S3cret');
  });

  describe('as the package runs it', () => {
    const script = 'src/commands/deployment-queue-api.ts';

    it('serves, and ends when it is told to', async () => {
      const { signal, ended, lines } = processes.run({ AUTH_ENABLED: 'false' }, script, ['serve']);
      await until('it listens', () => lines.some((line) => line.includes('"msg":"listening"')));
      signal('SIGTERM');
      expect((await ended).code).to.equal(0);
    });

    it('says what it can do, and that there is nothing else', async () => {
      const help = await processes.run({}, script, ['--help']).ended;
      expect(help).to.include({ code: 0, stderr: '' });
      for (const name of ['serve', 'mock', 'db:migrate', 'db:probe', 'db:restore']) {
        expect(help.stdout).to.match(new RegExp(`^ {2}${name} +[a-z]`, 'm'));
      }
      const nothing = await processes.run({}, script, ['toString']).ended;
      expect(nothing).to.include({ code: 2, stdout: '' });
      expect(nothing.stderr).to.include('There is no command "toString"').and.include('Usage:');
    });
  });

  describe('as a demo', () => {
    it('says so in its first line and every other, and on its page', async () => {
      const demo = { AUTH_ENABLED: 'false', DEMO: 'true' };
      const service = await processes.start(demo);
      const { apiUrl, lines, ended } = service;
      await register(apiUrl);
      const page = await (await fetch(`${apiUrl}/docs`)).text();
      expect(page).to.match(/<body><h1 role="alert">This is a demo without authentication/);
      service.signal('SIGTERM');
      await ended;
      const logged = logLines(lines.join('\n'));
      expect(logged.length).to.be.greaterThan(3);
      expect(logged[0])
        .to.include({ level: 40 })
        .and.property('msg')
        .match(/^DEMO: authentication is off, and everybody/);
      expect(logged.filter((line) => line['demo'] !== true)).to.deep.equal([]);
    });

    it('is nothing that it would be otherwise', async () => {
      const { apiUrl, lines } = await processes.start({ AUTH_ENABLED: 'false' });
      expect(await (await fetch(`${apiUrl}/docs`)).text()).not.to.match(/demo/i);
      expect(lines.join('\n')).not.to.match(/demo/i);
    });
  });

  describe('for a newcomer (npm run dev)', () => {
    const open = {
      ...{ AUTH_ENABLED: 'true', DEMO: 'true', STORE: 'snowflake' },
      ...{ HOST: '0.0.0.0', MANAGEMENT_HOST: '0.0.0.0' },
    };

    it('needs no settings', async () => {
      const { apiUrl } = await processes.start({ ALLOWED_ORGANISATIONS: '' }, 'scripts/dev.ts');
      expect((await register(apiUrl)).organisation).to.equal('local-dev');
    });

    it('is on loopback and without authentication, whatever is set otherwise', async () => {
      const text = Object.entries(open).map(([name, value]) => `${name}=${value}\n`);
      await writeFile(join(processes.folder, '.env'), text);
      const { apiUrl, managementUrl, lines } = await processes.start(open, 'scripts/dev.ts');
      expect(apiUrl).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(managementUrl).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect((await register(apiUrl)).organisation).to.equal('local-dev');
      await access(processes.database);

      expect(lines[0])
        .to.include(`API ${apiUrl}/v1/deployments`)
        .and.include(`contract ${apiUrl}/openapi.yaml`)
        .and.include(`management ${managementUrl}/health /ready /metrics`)
        .and.include(`data ${processes.database}`);
    });

    it('keeps its data in SQLite, though a Snowflake account is set', async () => {
      const { apiUrl } = await processes.start({ SNOWFLAKE_ACCOUNT: 'acme' }, 'scripts/dev.ts');
      expect((await register(apiUrl)).organisation).to.equal('local-dev');
    });
  });

  describe('to be seen (npm run demo)', () => {
    it('has a week in it, on loopback, in a file that is gone with it', async () => {
      const environment = { AUTH_ENABLED: 'true', HOST: '0.0.0.0', TMPDIR: processes.folder };
      const service = await processes.start(environment, 'scripts/demo.ts');
      expect(service.apiUrl).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
      const response = await fetch(`${service.apiUrl}/v1/deployments?limit=100`);
      expect(await response.json()).to.have.lengthOf(100);
      service.signal('SIGTERM');
      await service.ended;
      expect((await readdir(processes.folder)).filter((name) => name.includes('demo'))).to.be.empty;
    });
  });
});
