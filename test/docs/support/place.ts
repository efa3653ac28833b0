import { randomUUID } from 'node:crypto';
import { deploymentBody } from '../../support/deployments.js';
import { startAuthenticatedService, send } from '../../support/authenticated-service.js';
import type { AuthenticatedService } from '../../support/authenticated-service.js';
import { listenOnLoopback } from '../../support/loopback-server.js';
import type { LoopbackServer } from '../../support/loopback-server.js';
import { startTestService } from '../../support/service.js';
import type { TestService } from '../../support/service.js';

/** All that the commands of a document can reach: the two services and what a job in Actions has. */
export interface Place {
  /** Puts what runs here in the place of the addresses that documents use. */
  readonly translate: (commands: string) => string;
  /** The variables that commands may use without saying what they are. */
  readonly variables: Readonly<Record<string, string>>;
  /** The values of expressions in workflows, by their text between the braces. */
  readonly expressions: Readonly<Record<string, string>>;
  /** Every token there is, those included that a job was given meanwhile. */
  readonly secrets: readonly string[];
  stop(): Promise<void>;
}

const repository = 'acme/shop';
const sha = '2f4a0b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a';

/**
 * Starts a service with authentication off, which documents call `http://127.0.0.1:8000`, and one with
 * authentication on, `https://deployments.example.com`. In the latter, `acme` has an older version that
 * was deployed, and one that waits.
 */
export async function openPlace(): Promise<Place> {
  const local = await startTestService();
  const remote = await startAuthenticatedService();
  const job = remote.issuer.sign({ repository_owner: 'acme' });
  const id = await registerTwo(remote, job);
  const requestToken = randomUUID();
  const person = remote.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
  const secrets = [job, requestToken, person];
  const tokens = await startTokenEndpoint(remote, requestToken, secrets);
  const apiUrl = remote.service.apiUrl;
  return {
    translate: (commands) => translate(commands, local, remote.service),
    variables: {
      TOKEN: job,
      ID: id,
      GITHUB_TOKEN: person,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${tokens.url}/token?api-version=2.0`,
      DEPLOYMENT_QUEUE_URL: apiUrl,
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: repository,
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_RUN_ID: '1658821493',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_SHA: sha,
    },
    expressions: {
      'github.event.head_commit.timestamp': '2026-01-05T10:12:44+01:00',
      'github.ref_name': 'v1.4.0',
      'github.repository': repository,
      'github.repository_owner': 'acme',
      'github.run_attempt': '1',
      'github.run_id': '1658821493',
      'github.server_url': 'https://github.com',
      'github.sha': sha,
      'job.status': 'success',
      'vars.DEPLOYMENT_QUEUE_URL': apiUrl,
    },
    secrets,
    async stop() {
      await Promise.all([local.stop(), tokens.stop()]);
      await remote.stop();
    },
  };
}

function translate(commands: string, local: TestService, remote: TestService): string {
  return commands
    .replaceAll(/http:\/\/(?:127\.0\.0\.1|localhost|INSTANCE):8000/g, local.apiUrl)
    .replaceAll(/http:\/\/(?:127\.0\.0\.1|localhost|INSTANCE):9090/g, local.managementUrl)
    .replaceAll(/https:\/\/deployments\.example\.com/g, remote.apiUrl);
}

/** @returns the id of the one that waits */
async function registerTwo({ service }: AuthenticatedService, token: string): Promise<string> {
  const region = 'europe-west1';
  const older = await send(service, { token }, 'post')
    .send(deploymentBody({ version: '0.9.0', region }))
    .expect(201);
  await send(service, { token }, 'patch', `/v1/deployments/${String(older.body.id)}`)
    .send({ status: 'deployed' })
    .expect(200);
  const waiting = await send(service, { token }, 'post')
    .send(deploymentBody({ version: '1.0.0', region }))
    .expect(201);
  return String(waiting.body.id);
}

/** Gives a job its OIDC token, as the runner's endpoint does, and keeps what it gave among the secrets. */
function startTokenEndpoint(
  { issuer }: AuthenticatedService,
  requestToken: string,
  secrets: string[],
): Promise<LoopbackServer> {
  return listenOnLoopback((request, response) => {
    if (request.headers.authorization !== `Bearer ${requestToken}`) {
      response.writeHead(401).end();
      return;
    }
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const aud = searchParams.get('audience') ?? 'https://github.com/acme';
    const value = issuer.sign({ aud, repository_owner: 'acme' });
    secrets.push(value);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ value }));
  });
}
