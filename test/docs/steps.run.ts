import { spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { authenticateAll, send } from '../support/authenticated-service.js';
import { json, serverError } from '../support/faults.js';
import type { Fault } from '../support/faults.js';
import { startGateway } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { startActionsTokens } from '../support/oidc/actions-tokens.js';
import type { ActionsTokens } from '../support/oidc/actions-tokens.js';
import { Runner } from '../support/runner/action.js';
import { readWorkflow, runWorkflow } from '../support/runner/workflow.js';
import type { Given, Workflow } from '../support/runner/workflow.js';

const page = (status: number): Fault => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html>\n<title>Sign in to continue</title>\n',
});
const nothing: Fault = { kind: 'answer', status: 200, body: '' };

/** The workflows of a document that call curl. */
async function workflowsIn(document: string): Promise<Workflow[]> {
  const text = await readFile(packageFile(document), 'utf8');
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)]
    .map(([, yaml = '']) => yaml)
    .filter((yaml) => /\bcurl\b/.test(yaml))
    .map(readWorkflow);
}

/** A run for each test: a run that is repeated does once what it does. */
const runIdOf = (text: string): string => text.replaceAll(/\W+/g, '-');

/** What goes wrong before a deployment is registered; each must fail the job. */
interface Failure {
  readonly arrange: (place: { gateway: Gateway; tokens: ActionsTokens }) => void;
  readonly contexts?: Readonly<Record<string, string>>;
  readonly permitted?: Readonly<Record<string, string>>;
  readonly says?: RegExp;
}

const failures: Readonly<Record<string, Failure>> = {
  'the job may not ask for a token': {
    arrange: () => undefined,
    permitted: {},
    says: /ACTIONS_ID_TOKEN_REQUEST_URL: give the job permissions: id-token: write/,
  },
  'GitHub refuses the token': {
    arrange: ({ tokens }) => {
      tokens.faults.set(page(403));
    },
    says: /403/,
  },
  'GitHub is out of order': {
    arrange: ({ tokens }) => {
      tokens.faults.set(serverError(500));
    },
    says: /500/,
  },
  'GitHub responds with a page': {
    arrange: ({ tokens }) => {
      tokens.faults.set(page(200));
    },
  },
  'GitHub responds with nothing': {
    arrange: ({ tokens }) => {
      tokens.faults.set(nothing);
    },
  },
  'GitHub responds without a token': {
    arrange: ({ tokens }) => {
      tokens.faults.set(json({ count: 0 }));
    },
    says: /GitHub gave no token/,
  },
  'the service does not accept the token': {
    arrange: ({ tokens }) => {
      tokens.claims = { aud: 'other' };
    },
    says: /401/,
  },
  'the service refuses what is registered': {
    arrange: () => undefined,
    contexts: { 'github.ref_name': '' },
    says: /422/,
  },
  'the service is not available': {
    arrange: ({ gateway }) => {
      gateway.before.set(serverError(503));
    },
    says: /503/,
  },
  'a page stands before the service': {
    arrange: ({ gateway }) => {
      gateway.before.set(page(200));
    },
  },
  'the service responds with nothing': {
    arrange: ({ gateway }) => {
      gateway.before.set(nothing);
    },
  },
  'nobody says where the service is': {
    arrange: () => undefined,
    contexts: { 'vars.DEPLOYMENT_QUEUE_URL': '' },
  },
};

describe('the jobs with curl', () => {
  const running = authenticateAll();
  let runner: Runner;
  let tokens: ActionsTokens;
  let gateway: Gateway;
  before(async function () {
    if (spawnSync('jq', ['--version']).status !== 0) {
      console.error('SKIPPED the jobs with curl: there is no jq, which they use');
      this.skip();
    }
    runner = await Runner.start();
    // As a user of curl would set it: what is tried again is tried again once, a second later.
    await writeFile(join(runner.workspace, '.curlrc'), 'retry-max-time = 1\n');
  });
  beforeEach(async () => {
    tokens = await startActionsTokens(running.now.issuer);
    gateway = await startGateway(running.now.service.apiUrl);
  });
  afterEach(() => Promise.all([tokens.stop(), gateway.stop()]));
  after(() => runner.stop());

  function run(workflow: Workflow, given: Partial<Given> = {}) {
    return runWorkflow(runner, workflow, {
      environment: { CURL_HOME: runner.workspace },
      permitted: tokens.environment,
      ...given,
      contexts: {
        'vars.DEPLOYMENT_QUEUE_URL': gateway.url,
        'github.event.head_commit.timestamp': '2026-01-05T10:12:44+01:00',
        'github.ref_name': 'v1',
        'github.repository': 'acme/shop',
        'github.run_id': '1658821493',
        'github.server_url': 'https://github.com',
        'github.sha': '2f4a0b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a',
        ...given.contexts,
      },
    });
  }
  async function deployments() {
    const { body } = await send(running.now.service, { token: running.now.issuer.sign() });
    return body as Record<'version' | 'status' | 'commit_sha' | 'commit_at', string>[];
  }
  async function deployScript(succeeds: boolean): Promise<void> {
    const script = join(runner.workspace, 'deploy.sh');
    await writeFile(script, `#!/bin/sh\nprintf %s "$1" > rolled-out\n${String(succeeds)}\n`);
    await chmod(script, 0o755);
  }

  for (const document of ['docs/GITHUB_ACTIONS.md', 'docs/AUTHENTICATION.md']) {
    describe(`of ${document}`, () => {
      let workflow: Workflow;
      before(async () => {
        const [first, ...more] = await workflowsIn(document);
        if (first === undefined || more.length > 0) throw new Error('Not one workflow with curl');
        workflow = first;
      });

      it('register, once in a run, though the service is not there at first', async () => {
        await deployScript(true);
        const contexts = { 'github.ref_name': document, 'github.run_id': runIdOf(document) };
        gateway.before.set(serverError(503), { times: 1 });
        const { succeeded, log, steps } = await run(workflow, { contexts });
        expect(succeeded, log).to.equal(true);
        const [registered, ...others] = await deployments();
        expect(registered).to.include({
          version: document,
          commit_sha: '2f4a0b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a',
        });
        expect(others.map(({ version }) => version)).not.to.include(document);
        const { outputs } = steps.get('register/create') ?? {};
        if (outputs !== undefined) expect(outputs).to.have.property('deployment_id');
        for (const token of tokens.given) expect(log).not.to.include(token);
      });

      for (const [what, { arrange, says, ...given }] of Object.entries(failures)) {
        it(`fail when ${what}, and register nothing`, async () => {
          const before = await deployments();
          arrange({ gateway, tokens });
          const contexts = { 'github.run_id': runIdOf(`${document} ${what}`), ...given.contexts };
          const { succeeded, log, steps } = await run(workflow, { ...given, contexts });
          expect(succeeded, log).to.equal(false);
          if (says !== undefined) expect(log).to.match(says);
          expect(steps.get('register/create')?.outputs ?? {}).to.deep.equal({});
          expect(await deployments()).to.deep.equal(before);
        });
      }

      it('fail when the service is down', async () => {
        await gateway.stop();
        const { succeeded, log } = await run(workflow);
        expect(succeeded, log).to.equal(false);
      });
    });
  }

  describe('of docs/GITHUB_ACTIONS.md that roll out', () => {
    let workflow: Workflow;
    before(async () => {
      const [found] = await workflowsIn('docs/GITHUB_ACTIONS.md');
      if (found === undefined) throw new Error('No workflow with curl');
      workflow = found;
    });
    const newest = async () => (await deployments())[0];
    const contextsOf = (version: string) => ({
      'github.ref_name': version,
      'github.run_id': version,
    });

    it('report that it is deployed', async () => {
      await deployScript(true);
      const { succeeded, log } = await run(workflow, { contexts: contextsOf('v2') });
      expect(succeeded, log).to.equal(true);
      expect(await newest()).to.include({
        ...{ version: 'v2', status: 'deployed' },
        commit_at: '2026-01-05T09:12:44.000Z',
      });
    });

    it('report that it failed', async () => {
      await deployScript(false);
      const { succeeded } = await run(workflow, { contexts: contextsOf('v3') });
      expect(succeeded).to.equal(false);
      expect(await newest()).to.include({ version: 'v3', status: 'failed' });
    });

    it('report that it was cancelled, when their run is', async () => {
      const contexts = contextsOf('v4');
      const { succeeded } = await run(workflow, { contexts, cancelAfter: 'release' });
      expect(succeeded).to.equal(false);
      expect(await newest()).to.include({ version: 'v4', status: 'cancelled' });
    });

    it('fail, and roll nothing out, when it cannot be released', async () => {
      await deployScript(true);
      const contexts = contextsOf('v5');
      expect(await run(workflow, { contexts })).to.include({ succeeded: true });
      await writeFile(join(runner.workspace, 'rolled-out'), '');
      // The run is repeated: it finds what it has deployed.
      const { succeeded, log } = await run(workflow, { contexts });
      expect(succeeded).to.equal(false);
      expect(log).to.match(/409/);
      expect(await readFile(join(runner.workspace, 'rolled-out'), 'utf8')).to.equal('');
      expect(await newest()).to.include({ version: 'v5', status: 'deployed' });
    });

    it('fail when the outcome cannot be reported', async () => {
      await deployScript(true);
      // Registered and released; after that the service is not there.
      const counted = gateway.seen;
      gateway.before.set(serverError(502), { matches: () => counted.length > 2 });
      const { succeeded, log } = await run(workflow, { contexts: contextsOf('v6') });
      expect(succeeded, log).to.equal(false);
      expect(await newest()).to.include({ version: 'v6', status: 'in_progress' });
    });
  });
});
