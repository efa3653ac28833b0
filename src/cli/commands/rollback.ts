import type { Command } from 'commander';
import { Option } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import { ProblemError } from '../../client/client.js';
import type { CreationResult, DeploymentQueueClient, RollbackQuery } from '../../client/client.js';
import { idArgument, idempotencyOption } from '../arguments.js';
import { connect } from '../connection.js';
import { NothingToDo, UsageError } from '../failure.js';
import { runKey } from '../github-job.js';
import { shortId, wholeId } from '../ids.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import type { Given } from '../inputs.js';
import { printDeployment, viewFor } from '../session.js';
import type { Session } from '../session.js';
import { otherEnvironments } from '../whereabouts.js';

interface RollbackFlags {
  readonly idempotencyKey?: string;
  readonly lock?: true;
}

/** `rollback`: returns to an earlier version. */
export function addRollback(program: Command, session: Session): void {
  const command = program
    .command('rollback')
    .summary('return to the last good version, or to a version of your choice')
    .description(
      'Registers a deployment that returns to the last good version, or to --target-version: what runs under --name, --environment, --provider and so on, or the deployment with this id, is replaced. A part that is left out means deployments without that part. In GitHub Actions, a run that is repeated rolls back once.',
    )
    .addArgument(idArgument('[id]'));
  addInputs(command, 'rollbackTaxonomy', { optional: true, except: ['lock'] });
  command
    .addOption(
      new Option(
        '--lock',
        'lock the place for all but rollbacks with it, so that nobody deploys there before unlock',
      ),
    )
    .addOption(idempotencyOption())
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue rollback --name checkout --environment production \\
    --provider gcp --region europe-west1
  deployment-queue rollback 4c3d2e1f --target-version 1.3.0 --lock \\
    --reason 'Errors at the checkout'`,
    )
    .action(async (id: string | undefined, options: RollbackFlags) => {
      const inputsGiven = givenInputs(command, 'rollbackTaxonomy');
      const given = options.lock === true ? { ...inputsGiven, lock: 'true' } : inputsGiven;
      const roll = rollback(id, given);
      const idempotencyKey =
        options.idempotencyKey ?? runKey(session.environment, ['rollback', id ?? null, given]);
      const result = await roll(connect(command, session), { idempotencyKey });
      if (result.replayed) session.note('It was rolled back before, under the same key.\n');
      await printDeployment(session, command, 'Rolled back with', result);
      if (options.lock === true) {
        const { id: lockId } = result.deployment;
        await session.output({ lock_id: lockId });
        const lock = shortId(lockId, viewFor(session, command));
        session.note(`The place is locked: deployment-queue unlock ${lock} releases it.\n`);
      }
    });
}

type Call = (
  client: DeploymentQueueClient,
  options: { readonly idempotencyKey: string | undefined },
) => Promise<CreationResult>;

/** By id or by taxonomy, checked before anything is sent. */
function rollback(id: string | undefined, given: Readonly<Record<string, Given>>): Call {
  if (id === undefined) {
    const { query, body } = checkedInputs('rollbackTaxonomy', given);
    return async (client, options) => {
      try {
        return await client.rollbackTaxonomy(query, { ...body, ...options });
      } catch (error) {
        throw await explained(error, client, query);
      }
    };
  }
  const ofOne = inputs.rollbackDeployment.map(({ name }) => name);
  if (Object.keys(given).some((name) => !ofOne.includes(name))) {
    throw new UsageError('name either an id, or --name, --environment, --provider and so on');
  }
  const { query, body } = checkedInputs('rollbackDeployment', given);
  return async (client, options) =>
    client.rollbackDeployment(await wholeId(client, id), query, { ...body, ...options });
}

/** The service says where else in its environment a component is; this says in which others. */
async function explained(
  error: unknown,
  client: DeploymentQueueClient,
  taxonomy: RollbackQuery,
): Promise<unknown> {
  if (!(error instanceof ProblemError) || error.status !== 404) return error;
  const hint = await otherEnvironments(client, taxonomy).catch(() => undefined);
  if (hint === undefined) return error;
  return new NothingToDo('notFound', `${error.message}; ${hint}`, error.problem);
}
