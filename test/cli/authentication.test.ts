import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { authenticateAll } from '../support/authenticated-service.js';
import { commandLine } from '../support/command-line.js';
import type { CommandResult } from '../support/command-line.js';
import { randomStatelessInstallationToken, randomToken } from '../support/github/github-tokens.js';
import { serverError } from '../support/faults.js';
import { startActionsTokens } from '../support/oidc/actions-tokens.js';
import type { ActionsTokens } from '../support/oidc/actions-tokens.js';

const create = [
  'create',
  ...['--name=checkout', '--version=1', '--environment=production', '--provider=gcp'],
  ...['--type=k8s', '--json'],
];

describe('deployment-queue authenticates', () => {
  const running = authenticateAll();
  let tokens: ActionsTokens;
  before(async () => {
    tokens = await startActionsTokens(running.now.issuer);
  });
  after(() => tokens.stop());

  /** No token is ever printed, whatever happens. */
  async function run(
    environment: Readonly<Record<string, string>>,
    ...argv: string[]
  ): Promise<CommandResult> {
    const url = { DEPLOYMENT_QUEUE_URL: running.now.service.apiUrl };
    const result = await commandLine({ ...url, ...environment }, ...argv);
    const secrets = [
      environment['DEPLOYMENT_QUEUE_TOKEN'],
      environment['GITHUB_TOKEN'],
      environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
      ...tokens.given,
    ].filter((secret) => secret !== undefined);
    for (const secret of secrets) expect(result.stdout + result.stderr).not.to.include(secret);
    return result;
  }
  const madeBy = ({ code, stdout, stderr }: CommandResult) => {
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    const { organisation, created_by_repo, created_by_actor } = JSON.parse(stdout);
    return { organisation, created_by_repo, created_by_actor };
  };
  const octocat = () =>
    running.now.gitHub.addUser({ login: 'octocat', memberships: { acme: 'active' } });
  const asMember = { organisation: 'acme', created_by_repo: null, created_by_actor: 'octocat' };
  const asJob = { ...asMember, created_by_repo: 'acme/shop' };

  it('in a job with its OIDC token, though GITHUB_TOKEN is set', async () => {
    const environment = { ...tokens.environment, GITHUB_TOKEN: randomToken('installation') };
    expect(madeBy(await run(environment, ...create))).to.deep.equal(asJob);
    expect(running.now.gitHub.requests).to.deep.equal([]);
  });

  it('with a token for the audience that is named', async () => {
    const { code, stderr } = await run(tokens.environment, ...create, '--audience=other');
    expect(code).to.equal(7);
    expect(stderr).to.match(/audience/);
    const named = { ...tokens.environment, DEPLOYMENT_QUEUE_AUDIENCE: 'other' };
    const flag = '--audience=deployment-queue-api';
    expect(madeBy(await run(named, ...create, flag)), 'a flag wins').to.deep.equal(asJob);
  });

  it('with the GITHUB_TOKEN of a person and an organisation', async () => {
    const person = { GITHUB_TOKEN: octocat(), DEPLOYMENT_QUEUE_ORGANISATION: 'acme' };
    expect(madeBy(await run(person, ...create))).to.deep.equal(asMember);
  });

  it('with DEPLOYMENT_QUEUE_TOKEN before all others, also in a job', async () => {
    const environment = {
      ...tokens.environment,
      GITHUB_TOKEN: randomToken('classic'),
      DEPLOYMENT_QUEUE_TOKEN: octocat(),
      DEPLOYMENT_QUEUE_ORGANISATION: 'globex',
    };
    const argv = ['--organisation', 'acme', ...create];
    expect(madeBy(await run(environment, ...argv))).to.deep.equal(asMember);
    const insisting = await run(environment, '--organisation=acme', '--auth=actions', ...create);
    expect(madeBy(insisting)).to.deep.equal(asJob);
    const asPerson = await run(environment, ...argv, '--auth=token');
    expect(madeBy(asPerson)).to.deep.equal(asMember);
    const asNobody = await run(environment, ...argv, '--auth=none');
    expect(asNobody).to.include({ code: 7 });
  });

  describe('or ends with 7, having sent no token, and says what to do:', () => {
    const rows: [name: string, environment: Record<string, string>, says: RegExp][] = [
      [
        'with an installation token for a person',
        { DEPLOYMENT_QUEUE_TOKEN: randomToken('installation') },
        /belongs to nobody and is not sent.*id-token: write/,
      ],
      [
        'with an installation token of the new form',
        { GITHUB_TOKEN: randomStatelessInstallationToken() },
        /belongs to nobody and is not sent/,
      ],
      [
        'in a job that may not ask for an OIDC token',
        { GITHUB_ACTIONS: 'true', GITHUB_TOKEN: randomToken('installation') },
        /id-token: write/,
      ],
      [
        'with a token and no organisation',
        { DEPLOYMENT_QUEUE_TOKEN: randomToken('classic') },
        /set DEPLOYMENT_QUEUE_ORGANISATION, or use --organisation/,
      ],
      ['with nothing at all', {}, /set DEPLOYMENT_QUEUE_TOKEN to a GitHub token/],
      [
        'with a token that is two lines',
        {
          DEPLOYMENT_QUEUE_TOKEN: `${randomToken('classic')}\nX-Evil: 1`,
          DEPLOYMENT_QUEUE_ORGANISATION: 'acme',
        },
        /line break/,
      ],
    ];
    for (const [name, environment, says] of rows) {
      it(name, async () => {
        // Not of this machine: for one that is, no credentials are a way, too.
        const url = 'https://queue.example.invalid';
        const { code, stdout, stderr } = await run(environment, 'list', '--url', url);
        expect({ code, stdout }).to.deep.equal({ code: 7, stdout: '' });
        expect(stderr)
          .to.match(says)
          .and.match(/^(deployment-queue: |::error title=Deployment Queue::)[^\n]+\n$/);
      });
    }

    it('when the service refuses the token', async () => {
      const token = randomToken('classic');
      const person = { DEPLOYMENT_QUEUE_TOKEN: token, DEPLOYMENT_QUEUE_ORGANISATION: 'acme' };
      const { code, stderr } = await run(person, 'list');
      expect(code).to.equal(7);
      expect(stderr).to.match(/GitHub does not know the token/);
    });

    it('when the user is no member', async () => {
      const person = { GITHUB_TOKEN: octocat(), DEPLOYMENT_QUEUE_ORGANISATION: 'globex' };
      expect(await run(person, 'list')).to.include({ code: 7 });
    });

    it('but with 6 when the endpoint of the token is out of order for longer than it tries', async () => {
      tokens.faults.set(serverError(500));
      const { code, stderr } = await run(tokens.environment, 'list', '--retry-timeout=1ms');
      tokens.faults.clear();
      expect(code).to.equal(6);
      expect(stderr).to.match(/did not give the job's OIDC token: .*answered 500/);
    });

    it('when the job is not given its token, and says why', async () => {
      const environment = {
        ...tokens.environment,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: randomBytes(24).toString('base64url'),
      };
      const { code, stderr } = await run(environment, 'list');
      expect(code).to.equal(7);
      expect(stderr).to.match(/did not give the job's OIDC token: .*401/);
    });
  });
});
