import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createClient, gitHubToken } from '../../src/client/client.js';
import type { DeploymentQueueClient, DeploymentStatus } from '../../src/client/client.js';
import { authenticateEach } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { runService } from '../support/http.js';
import { startActionsTokens } from '../support/oidc/actions-tokens.js';
import { runProgram } from '../support/run-program.js';
import type { Outcome } from '../support/run-program.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs an example from source, as `npx tsx` does. */
function runExample(name: string, environment: Record<string, string>): Promise<Outcome> {
  return runProgram(['--import', 'tsx/esm', `examples/${name}.ts`], environment, root);
}

describe('examples/tour.ts', () => {
  const running = runService();

  it('registers, waits, rolls back, and lists all pages', async () => {
    const { service, tenant } = running;
    const outcome = await runExample('tour', {
      QUEUE_URL: service.apiUrl,
      QUEUE_ORGANISATION: tenant.organisation,
    });
    expect(outcome).to.deep.equal({
      code: 0,
      stdout: [
        'Back to 1.0.0, which waits for its turn',
        '1.0.0 waits for its turn',
        '1.1.0 runs, or has run',
        '1.0.0 runs, or has run',
        '',
      ].join('\n'),
      stderr: '',
    });
  });
});

describe('with authentication on', () => {
  const running = authenticateEach();
  const person = (): { token: string; client: DeploymentQueueClient } => {
    const { gitHub, service } = running.now;
    const token = gitHub.addUser({ login: 'octocat', memberships: { acme: 'active' } });
    const credentials = gitHubToken(token, 'acme');
    return { token, client: createClient({ baseUrl: service.apiUrl, credentials }) };
  };

  describe('examples/pipeline.ts', () => {
    const ends: [DeploymentStatus, number, RegExp][] = [
      ['deployed', 0, /It is deployed\n$/],
      ['failed', 1, /::error::Deployment \S+ is failed, and stays so/],
      ['cancelled', 1, /::error::Deployment \S+ is cancelled, and stays so/],
      ['skipped', 0, /::notice::Deployment \S+ is skipped, and stays so/],
    ];
    for (const [status, code, last] of ends) {
      it(`ends with ${code} when the deployment ends as ${status}`, async () => {
        const tokens = await startActionsTokens(running.now.issuer);
        try {
          const { client } = person();
          const ended = runExample('pipeline', {
            ...tokens.environment,
            QUEUE_URL: running.now.service.apiUrl,
            VERSION: '1.4.0',
            GITHUB_RUN_ID: '7',
          });
          let id: string | undefined;
          while (id === undefined) {
            await sleep(20);
            id = (await client.listDeployments()).deployments[0]?.id;
          }
          await client.updateDeployment(id, { status });
          const outcome = await ended;
          expect(outcome).to.include({ code, stderr: '' });
          expect(outcome.stdout).to.contain(`Registered 1.4.0 as ${id}\n`).and.match(last);
        } finally {
          await tokens.stop();
        }
      });
    }
  });

  describe('examples/rollback.ts', () => {
    it('rolls back, and says why it does not another time', async () => {
      const { token, client } = person();
      const environment = {
        QUEUE_URL: running.now.service.apiUrl,
        ORGANISATION: 'acme',
        GITHUB_TOKEN: token,
        REASON: 'Errors at the checkout',
      };
      for (const version of ['1', '2']) {
        const { deployment } = await client.createDeployment(deploymentBody({ version }));
        await client.updateDeployment(deployment.id, { status: 'deployed' });
      }
      const first = await runExample('rollback', environment);
      expect(first).to.deep.equal({ code: 0, stdout: 'From 2 back to 1\n', stderr: '' });
      const { deployments } = await client.listDeployments({ limit: 1 });
      expect(deployments[0]?.notes).to.include('Errors at the checkout');
      const again = await runExample('rollback', environment);
      expect(again.stdout).to.match(/^There is one already: .* is already being rolled back/);
    });

    it('says so when there is nothing to go back to', async () => {
      const { token, client } = person();
      const { deployment } = await client.createDeployment(deploymentBody());
      await client.updateDeployment(deployment.id, { status: 'failed' });
      const outcome = await runExample('rollback', {
        QUEUE_URL: running.now.service.apiUrl,
        ORGANISATION: 'acme',
        GITHUB_TOKEN: token,
      });
      expect(outcome.stdout).to.equal('There is nothing to go back to; roll forward\n');
    });
  });
});
