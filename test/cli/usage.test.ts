import { expect } from 'chai';
import { enums, inputs } from '../../generated/inputs.js';
import type { Input } from '../../generated/inputs.js';
import { exitCodes } from '../../src/cli/failure.js';
import { faultOf } from '../../src/cli/inputs.js';
import { allCommands, commandLine } from '../support/command-line.js';
import { randomToken } from '../support/github/github-tokens.js';

const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
/** Nothing listens there: whatever is sent ends with 6. */
const nowhere = {
  DEPLOYMENT_QUEUE_URL: 'http://127.0.0.1:9',
  DEPLOYMENT_QUEUE_RETRY_TIMEOUT: '1ms',
};
const run = (...argv: string[]) => commandLine(nowhere, ...argv);

describe('the help of deployment-queue', () => {
  it('names commands, settings and every exit code', async () => {
    const { code, stdout, stderr } = await run('--help');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    for (const command of ['create', 'run', 'calendar', 'login']) {
      expect(stdout).to.match(new RegExp(`^ {2}${command} `, 'm'));
    }
    for (const exitCode of Object.values(exitCodes)) {
      expect(stdout).to.match(new RegExp(`^ {2}${exitCode} {2,3}\\w`, 'm'));
    }
    expect(stdout).to.include('DEPLOYMENT_QUEUE_TOKEN').and.include('id-token: write');
  });

  it('says of each command how it is used', async () => {
    const commands = await allCommands();
    expect(commands).to.include.members(['create', 'policy set', 'calendar create', 'whoami']);
    for (const command of commands) {
      const words = command.split(' ');
      const { code, stdout } = await run(...words, '--help');
      expect(code).to.equal(0);
      expect(stdout).to.match(new RegExp(`^Usage: deployment-queue ${command} `));
      expect(stdout).to.include('--json').and.include('--url');
      if (words.length > 1) continue;
      expect(await run('help', command)).to.deep.equal({ code: 0, stdout, stderr: '' });
    }
  });

  it('has the fields, limits and enums of the contract', async () => {
    const { stdout } = await run('create', '--help');
    const text = stdout.replaceAll(/\s+/g, ' ');
    for (const { name } of inputs.createDeployment) {
      expect(text).to.include(`--${name.replaceAll('_', '-')} <`);
    }
    expect(text)
      .to.include('--name <text> the component (required; 1 to 255 characters)')
      .and.include(`one of ${enums.Provider.join(', ')}`)
      .and.include('(true unless set)');
  });

  it('says which options may be repeated', async () => {
    const { stdout } = await run('list', '--help');
    expect(stdout.replaceAll(/\s+/g, ' ')).to.include(
      `--status <value> only deployments in this status, or in one of these when it is repeated (may be repeated; one of ${enums.DeploymentStatus.join(', ')})`,
    );
  });

  it('comes on stderr with exit code 2 when no command is named', async () => {
    const { code, stdout, stderr } = await run();
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr).to.match(/^Usage: deployment-queue /);
  });
});

describe('a command line that is not valid ends with 2, sends nothing, and says why:', () => {
  const rows: [argv: string[], says: RegExp][] = [
    [['deploy'], /unknown command 'deploy'/],
    [['creat'], /unknown command 'creat' \(Did you mean create\?\)/],
    [['get'], /missing required argument 'id'/],
    [['get', 'checkout'], /must be a UUID/],
    [['get', id, id], /too many arguments/],
    [['get', id, '--nmae=x'], /unknown option '--nmae/],
    [['create'], /--name is missing; --version is missing; .*--type is missing/],
    [['list', '--provider=ibm'], /--provider must be one of gcp, aws, azure/],
    [
      ['list', '--status=failed', '--status=done'],
      /--status must be one of scheduled, in_progress/,
    ],
    [['list', '--status=failed,'], /--status must be one of scheduled, in_progress/],
    [['list', '--version='], /--version must have 1 to 255 characters/],
    [['list', '--name='], /--name must have 1 to 255 characters/],
    [['list', `--name=${'a'.repeat(256)}`], /--name must have 1 to 255 characters/],
    [['list', '--name=a\0b'], /--name must not contain NUL/],
    [['list', '--limit=0'], /whole number from 1/],
    [['update-status', id], /nothing to change/],
    [['update-status', id, 'done'], /must be one of scheduled, in_progress/],
    [['update-status', id, 'failed', '--status=deployed'], /--status says something else/],
    [['update-status', id, 'failed', '--if-match=1-a'], /must be \*, or a list of quoted ETags/],
    [['wait', id, '--for=deployed,done'], /must be of scheduled/],
    [['wait', id, '--timeout=soon'], /duration such as 90s, 10m or 2h/],
    [['wait', id, '--timeout=9000h'], /up to 168h/],
    [['rollback'], /--name is missing; --environment is missing; --provider is missing/],
    [['rollback', id, '--name=checkout'], /either an id, or/],
    [['rollback', id, '--reason', 'x'.repeat(4097)], /--reason must have 0 to 4096 characters/],
    [['release', id, '--cell=1'], /either an id, or/],
    [['release'], /--name is missing/],
    [['claim', id, '--wait=soon'], /duration such as 90s, 10m or 2h/],
    [['queue'], /missing required argument 'id'/],
    [['environments', 'show', ' '], /must have 1 to 255 characters/],
    [['policy', 'lst'], /unknown command 'lst'/],
    [['policy', 'get', 'Production'], /must be 1 to 63 of a-z/],
    [['policy', 'set', 'a'], /required option '--file <path>' not specified/],
    [['policy', 'check'], /--action is missing/],
    [['policy', 'check', '--action=read', '--job=x'], /must be name=value/],
    [['list', '--url=ftp://example.com'], /the URL must be an http or https URL/],
    [['list', '--url=http://localhost/v1'], /the URL must not end in \/v1/],
    [
      ['list', '--url=http://queue.example.com', '--auth=none'],
      /the URL must be https.*\(--allow-insecure-http\)/,
    ],
    [['list', '--url=http://10.0.0.1', '--auth=none'], /the URL must be https/],
    [['list', '--auth=magic'], /must be one of auto, actions, token, none/],
    [['list', '--retry-timeout=soon'], /--retry-timeout: It must be a duration/],
  ];
  for (const [argv, says] of rows) {
    it(argv.map((word) => JSON.stringify(word.slice(0, 40))).join(' '), async () => {
      const { code, stdout, stderr } = await run(...argv);
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr)
        .to.match(says)
        .and.match(/^deployment-queue: [^\n]+; --help shows more\n$/);
    });
  }

  for (const [flag, value, says] of [
    ['--auto', 'perhaps', /--auto must be true or false/],
    ['--pipeline-extra-params', 'x'.repeat(16_385), /must have 0 to 16384 characters/],
    ['--build-uri', 'javascript:alert(1)', /--build-uri must be an http or https URL/],
    ['--commit-at', 'yesterday', /--commit-at must be an instant such as 2026-01-05T09:30:00Z/],
    ['--commit-at', '2026-01-05', /--commit-at must be an instant/],
    ['--commit-at', '2026-01-05T09:30:00', /--commit-at must be an instant/],
    ['--commit-at', '2026-13-05T09:30:00Z', /--commit-at must be an instant/],
    ['--idempotency-key', 'a b', /1 to 255 printable ASCII characters/],
  ] as const) {
    it(`"create" with ${flag} ${value.slice(0, 40)}`, async () => {
      const whole = ['--name=a', '--version=1', '--environment=e', '--provider=gcp', '--type=k8s'];
      const { code, stderr } = await run('create', ...whole, flag, value);
      expect(code).to.equal(2);
      expect(stderr).to.match(says);
    });
  }

  for (const argv of [
    (token: string) => ['list', `--token=${token}`],
    (token: string) => ['list', '--token', token],
    (token: string) => ['list', `--auth=${token}`],
    (token: string) => ['list', `--limit=${token}`],
    (token: string) => ['list', token],
    (token: string) => ['get', token],
    (token: string) => [token],
    (token: string) => ['update-status', id, token, '--status=deployed'],
    (token: string) => ['list', `--url=https://me:${token}@queue.example.com`, '--auth=none'],
  ]) {
    it(`and has a token in it, which is not shown: ${argv('ghp_…').join(' ')}`, async () => {
      const token = randomToken('classic');
      const { code, stdout, stderr } = await run(...argv(token));
      expect(code).to.equal(2);
      expect(stdout + stderr).not.to.include(token);
    });
  }

  it('and allows plain http in other words than true', async () => {
    const environment = { ...nowhere, DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP: 'yes' };
    const { code, stderr } = await commandLine(environment, 'list');
    expect(code).to.equal(2);
    expect(stderr).to.include('DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP must be true or false');
  });

  it('and names no service', async () => {
    const { code, stderr } = await commandLine({ DEPLOYMENT_QUEUE_URL: '' }, 'list');
    expect(code).to.equal(2);
    expect(stderr).to.include('Set DEPLOYMENT_QUEUE_URL, use --url, or log in');
  });
});

describe('a service that is out of reach', () => {
  it('ends the command with 6 once the timeout is over', async () => {
    const { code, stdout, stderr } = await run('get', id);
    expect({ code, stdout }).to.deep.equal({ code: 6, stdout: '' });
    expect(stderr).to.match(/^deployment-queue: getDeployment: .* failed: .*\n$/);
  });
});

describe('plain http to another machine', () => {
  // No such name is ever resolved (RFC 6761, section 6.4), so that nothing is sent.
  const url = '--url=http://queue.invalid';

  it('is taken when it is allowed', async () => {
    const allowed = await run('list', url, '--auth=none', '--allow-insecure-http');
    expect(allowed).to.include({ code: 6 });
    const environment = { ...nowhere, DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP: 'true' };
    expect(await commandLine(environment, 'list', url, '--auth=none')).to.include({ code: 6 });
    const refused = { ...nowhere, DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP: 'false' };
    expect(await commandLine(refused, 'list', url, '--auth=none')).to.include({ code: 2 });
  });

  it('is allowed for the token of a job by the same option', async () => {
    const environment = {
      ...nowhere,
      ACTIONS_ID_TOKEN_REQUEST_URL: 'http://tokens.invalid/?api-version=2.0',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
    };
    const refused = await commandLine(environment, 'list');
    expect(refused).to.include({ code: 7 });
    expect(refused.stderr).to.match(
      /ACTIONS_ID_TOKEN_REQUEST_URL must be https.*--allow-insecure-http/,
    );
    const allowed = await commandLine(environment, 'list', '--allow-insecure-http');
    expect(allowed.stderr).to.match(/did not give the job's OIDC token/);
  });
});

describe('a whole number in the contract', () => {
  const input: Input = {
    ...{ name: 'share', in: 'query', description: '', required: false, repeatable: false },
    nullable: false,
    ...{ type: 'integer', minimum: 1, maximum: 100 },
  };

  it('is taken within its bounds only', () => {
    for (const fine of ['1', '100', '042']) expect(faultOf(input, fine)).to.equal(undefined);
    for (const wrong of ['0', '101', '-1', '1.5', '1e1', 'many', '']) {
      expect(faultOf(input, wrong)).to.equal('must be a whole number, 1 to 100');
    }
  });
});
