import type { ChildProcess } from 'node:child_process';
import { expect } from 'chai';
import { authenticateAll, send } from '../authenticated-service.js';
import { startActionsTokens } from '../oidc/actions-tokens.js';
import type { ActionsTokens } from '../oidc/actions-tokens.js';
import { Runner } from './action.js';
import type { ActionResult, StepResult } from './action.js';

/** The inputs of a step that registers a deployment. */
export const create = {
  command: 'create',
  name: 'checkout',
  version: '1.4.0',
  environment: 'production',
  provider: 'gcp',
  type: 'k8s',
};

const ofCommand = ({ commands }: StepResult, name: string) =>
  commands.filter(({ command }) => command === name).map(({ data }) => data);

/** What the page of the run shows. */
export const errorsOf = (step: StepResult) => ofCommand(step, 'error');

/** What the runner is told to hide. */
export const masksOf = (step: StepResult) => ofCommand(step, 'add-mask');

/** Runs a service, and a runner with jobs of `acme/shop`, around the tests of a suite. */
export function runJobs() {
  const running = authenticateAll();
  let tokens: ActionsTokens;
  let runner: Runner;
  before(async () => {
    tokens = await startActionsTokens(running.now.issuer);
    runner = await Runner.start();
  });
  after(async () => {
    await tokens.stop();
    await runner.stop();
  });

  const environment = () => ({
    ...tokens.environment,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_RUN_ID: '1001',
    GITHUB_SHA: '2f4a0b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a',
    DEPLOYMENT_QUEUE_URL: running.now.service.apiUrl,
    DEPLOYMENT_QUEUE_RETRY_TIMEOUT: '1ms',
  });

  /** Uses the action in a job, and looks for tokens in what it leaves. */
  async function use(
    inputs: Readonly<Record<string, string>>,
    variables: Readonly<Record<string, string>> = {},
    started?: (child: ChildProcess) => void,
  ): Promise<ActionResult> {
    const before = tokens.given.length;
    const job = { ...environment(), ...variables };
    const result = await runner.use(inputs, job, 'success', started);
    lookForTokens(result, before);
    const { post } = result;
    return {
      ...result,
      async post(status) {
        const given = tokens.given.length;
        const after = await post(status);
        lookForTokens(after, given);
        return after;
      },
    };
  }

  function lookForTokens({ commands, ...rest }: StepResult, before: number): void {
    const masks = commands.filter(({ command }) => command === 'add-mask');
    const left = JSON.stringify([rest, commands.filter(({ command }) => command !== 'add-mask')]);
    for (const token of tokens.given) expect(left).not.to.include(token);
    expect(left).not.to.include(tokens.environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']);
    expect(masks.map(({ data }) => data)).to.include.members(tokens.given.slice(before));
  }

  async function get(id: string | undefined) {
    const token = running.now.issuer.sign();
    const path = `/v1/deployments/${id ?? ''}`;
    const response = await send(running.now.service, { token }, 'get', path);
    return response.body as Record<string, unknown>;
  }

  return {
    running,
    environment,
    use,
    get,
    get tokens() {
      return tokens;
    },
    get runner() {
      return runner;
    },
  };
}
