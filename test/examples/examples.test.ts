import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createClient, gitHubToken, noCredentials } from '../../src/client/client.js';
import type { DeploymentQueueClient, DeploymentStatus } from '../../src/client/client.js';
import { authenticateEach } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { runService } from '../support/http.js';
import { startActionsTokens } from '../support/oidc/actions-tokens.js';
import { runProgram } from '../support/run-program.js';
import type { Outcome } from '../support/run-program.js';
import { until } from '../support/until.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs an example from source, as `npx tsx` does. */
function runExample(name: string, environment: Record<string, string>): Promise<Outcome> {
  return runProgram(['--import', 'tsx/esm', `examples/${name}.ts`], environment, root);
}

function startWorker(url: string, environment: Record<string, string>) {
  return spawn(process.execPath, ['--import', 'tsx/esm', 'examples/worker.ts'], {
    cwd: root,
    env: { PATH: process.env['PATH'], DEPLOYMENT_QUEUE_URL: url, ...environment },
    stdio: 'ignore',
  });
}

describe('examples/tour.ts', () => {
  const running = runService();

  it('registers, waits, rolls back, and lists all pages', async () => {
    const { service, tenant } = running;
    const outcome = await runExample('tour', {
      DEPLOYMENT_QUEUE_URL: service.apiUrl,
      DEPLOYMENT_QUEUE_ORGANISATION: tenant.organisation,
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

describe('examples/import.ts', () => {
  const running = runService();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-import-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A row of the earlier service, the one of a day in January. */
  const row = (day: number, status: DeploymentStatus, fields: object = {}) => ({
    ...deploymentBody({ version: String(day) }),
    id: `00000000-0000-4000-8000-00000000000${day}`,
    created_at: `2026-01-0${day}T09:30:00Z`,
    updated_at: `2026-01-0${day}T10:00:00Z`,
    organisation: 'acme',
    created_by_actor: 'octocat',
    status,
    trigger: 'auto',
    ...fields,
  });
  async function importRows(
    rows: object[],
    environment: Record<string, string> = {
      DEPLOYMENT_QUEUE_ORGANISATION: running.tenant.organisation,
    },
  ): Promise<Outcome> {
    const file = join(folder, 'deployments.json');
    await writeFile(file, JSON.stringify(rows));
    const { apiUrl } = running.service;
    return runExample('import', { DEPLOYMENT_QUEUE_URL: apiUrl, FILE: file, ...environment });
  }

  it('brings every status over, and knows which version was rolled back from', async () => {
    const rows = [
      row(6, 'scheduled', { auto: false, notes: 'careful' }),
      row(1, 'deployed'),
      row(2, 'skipped'),
      // Deployed before the older one failed.
      row(3, 'failed', { updated_at: '2026-01-04T11:00:00Z' }),
      row(4, 'deployed', { environment: 'Production' }),
      row(5, 'deployed', {
        ...{ version: '1', trigger: 'rollback' },
        rollback_from_deployment_id: row(4, 'deployed').id,
      }),
    ];
    const outcome = await importRows(rows);
    expect(outcome).to.deep.equal({ code: 0, stdout: 'Brought over 6 of 6\n', stderr: '' });
    const there = await running.tenant.list();
    expect(there.map(({ version, status }) => `${version} ${status}`)).to.deep.equal([
      '6 scheduled',
      '1 deployed',
      '4 failed',
      '3 failed',
      '2 skipped',
      '1 deployed',
    ]);
    expect(there[0]).to.include({ auto: false, environment: 'production' });
    expect(there[0]?.notes).to.equal(
      'careful\nImported: 00000000-0000-4000-8000-000000000006 of 2026-01-06T09:30:00Z by octocat',
    );

    expect(await importRows(rows)).to.deep.equal(outcome);
    expect(await running.tenant.list()).to.deep.equal(there);
  });

  it('needs no organisation where authentication is off', async () => {
    const outcome = await importRows([row(1, 'scheduled')], {});
    expect(outcome).to.deep.equal({ code: 0, stdout: 'Brought over 1 of 1\n', stderr: '' });
  });

  it('says what the contract does not take, and brings the rest over', async () => {
    const { code, stdout } = await importRows([
      row(1, 'deployed', { build_uri: 'build 7' }),
      row(2, 'in_progress'),
    ]);
    expect(code).to.equal(1);
    expect(stdout).to.match(/^Left out \S+1 \(checkout 1\): .*build_uri.*\nBrought over 1 of 2\n$/);
    expect((await running.tenant.list()).map(({ status }) => status)).to.deep.equal([
      'in_progress',
    ]);
  });
});

describe('examples/worker.ts without a token', () => {
  const running = runService();

  it('works where nobody asks for one, and reports as failed what cannot be started', async () => {
    const { apiUrl } = running.service;
    const client = createClient({ url: apiUrl, credentials: noCredentials() });
    const worker = startWorker(apiUrl, { REGION: 'here', COMMAND: './there-is-none.sh' });
    try {
      for (const version of ['1', '2']) {
        const body = deploymentBody({ version, region: 'here', auto: true });
        const { deployment } = await client.createDeployment(body);
        await client.waitFor(deployment.id, ['failed']);
      }
    } finally {
      worker.kill('SIGKILL');
    }
  });
});

describe('with authentication on', () => {
  const running = authenticateEach();
  const person = (): { token: string; client: DeploymentQueueClient } => {
    const { gitHub, service } = running.now;
    const token = gitHub.addUser({ login: 'octocat', memberships: { acme: 'active' } });
    const credentials = gitHubToken(token, 'acme');
    return { token, client: createClient({ url: service.apiUrl, credentials }) };
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
            DEPLOYMENT_QUEUE_URL: running.now.service.apiUrl,
            VERSION: '1.4.0',
            GITHUB_RUN_ID: '7',
          });
          const id = await until('it is registered', async () => {
            const { deployments } = await client.listDeployments();
            return deployments[0]?.id;
          });
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

  describe('examples/worker.ts', () => {
    it('carries out what is for its region, reports, and ends when it is told to', async () => {
      const { token, client } = person();
      const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-worker-'));
      const log = join(folder, 'log');
      const command = join(folder, 'deploy.sh');
      await writeFile(
        command,
        `#!/bin/sh\necho "$1 $DEPLOYMENT_ID \${GITHUB_TOKEN-none}" >> ${log}\ntest "$1" != 2\n`,
        { mode: 0o755 },
      );
      const worker = startWorker(running.now.service.apiUrl, {
        ...{ GITHUB_TOKEN: token, DEPLOYMENT_QUEUE_ORGANISATION: 'acme' },
        ...{ REGION: 'here', COMMAND: command },
      });
      const ended = once(worker, 'exit');
      try {
        const ids: string[] = [];
        for (const [version, region, status] of [
          ['1', 'here', 'deployed'],
          ['2', 'here', 'failed'],
          ['3', 'elsewhere', 'scheduled'],
        ] as const) {
          const body = deploymentBody({ version, region, auto: true });
          const { deployment } = await client.createDeployment(body);
          ids.push(deployment.id);
          if (status !== 'scheduled') await client.waitFor(deployment.id, [status]);
        }
        worker.kill('SIGTERM');
        expect(await ended).to.deep.equal([0, null]);
        expect(await readFile(log, 'utf8')).to.equal(
          `1 ${ids[0] ?? ''} none\n2 ${ids[1] ?? ''} none\n`,
        );
        const { deployment: other } = await client.getDeployment(ids[2] ?? '');
        expect(other.status).to.equal('scheduled');
      } finally {
        worker.kill('SIGKILL');
        await rm(folder, { recursive: true });
      }
    });
  });

  describe('examples/rollback.ts', () => {
    it('rolls back, and says why it does not another time', async () => {
      const { token, client } = person();
      const environment = {
        DEPLOYMENT_QUEUE_URL: running.now.service.apiUrl,
        DEPLOYMENT_QUEUE_ORGANISATION: 'acme',
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
        DEPLOYMENT_QUEUE_URL: running.now.service.apiUrl,
        DEPLOYMENT_QUEUE_ORGANISATION: 'acme',
        GITHUB_TOKEN: token,
      });
      expect(outcome.stdout).to.equal('There is nothing to go back to; roll forward\n');
    });
  });
});
