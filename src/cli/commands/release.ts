import type { Command } from 'commander';
import type { DeploymentQueueClient, RollbackQuery } from '../../client/client.js';
import { idArgument, overrideOf, overrideOption } from '../arguments.js';
import { connect } from '../connection.js';
import { NothingToDo, UsageError } from '../failure.js';
import { wholeId } from '../ids.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import type { Given } from '../inputs.js';
import { printDeployment } from '../session.js';
import type { Session } from '../session.js';
import { whereabouts } from '../whereabouts.js';

/** `release`: lets a deployment begin. */
export function addRelease(program: Command, session: Session): void {
  const command = program
    .command('release')
    .summary('let a deployment begin: it is in progress then')
    .description(
      'Lets a deployment begin: it is in_progress then. By its id; or by --name, --environment, --provider and so on the newest one, if it waits (scheduled). Skipped ones, and cancelled ones that never began, are passed over, and nothing that is older than what was released last is released. A part that is left out means deployments without that part.',
    )
    .addArgument(idArgument('[id]'));
  addInputs(command, 'rollbackTaxonomy', { optional: true, except: ['target_version', 'reason'] });
  addInputs(command, 'updateDeployment', { clearable: true, except: ['status'] });
  command
    .addOption(overrideOption('updateDeployment'))
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue release 4c3d2e1f
  deployment-queue release --name checkout --environment production \\
    --provider gcp --region europe-west1 \\
    --deployment-uri https://example.com/runs/7`,
    )
    .action(async (id: string | undefined, { override }: { readonly override?: string }) => {
      const given = { ...givenInputs(command, 'updateDeployment'), status: 'in_progress' };
      const { body } = checkedInputs('updateDeployment', given, overrideOf(override));
      const find = target(id, givenInputs(command, 'rollbackTaxonomy'));
      const client = connect(command, session);
      const { id: found, etag } = await find(client);
      const result = await client.updateDeployment(found, body, { ifMatch: etag });
      await printDeployment(session, command, 'Released', result);
    });
}

/** What to release, and the entity tag that it must still have. */
interface Target {
  readonly id: string;
  readonly etag: string | undefined;
}

function target(
  id: string | undefined,
  given: Readonly<Record<string, Given>>,
): (client: DeploymentQueueClient) => Promise<Target> {
  if (id === undefined) {
    const { query } = checkedInputs('rollbackTaxonomy', given);
    return (client) => newestScheduled(client, query);
  }
  if (Object.keys(given).length > 0) {
    throw new UsageError('name either an id, or --name, --environment, --provider and so on');
  }
  return async (client) => ({ id: await wholeId(client, id), etag: undefined });
}

const optionalParts = ['cloud_account_id', 'region', 'cell'] as const;

/** A part of a taxonomy as a deployment has it: what is empty or blank is absent. */
function present(part: string | undefined): string | null {
  return part === undefined || part.trim() === '' ? null : part;
}

/**
 * The newest deployment of a taxonomy, if it is scheduled. Nothing older than what was released last is
 * taken, so that a repeated call does not go back in time.
 *
 * @throws NothingToDo
 */
async function newestScheduled(
  client: DeploymentQueueClient,
  taxonomy: RollbackQuery,
): Promise<Target> {
  for await (const found of client.listAllDeployments(taxonomy)) {
    // The list's filters cannot ask for a part that is not there.
    const isOfIt = optionalParts.every((part) => found[part] === present(taxonomy[part]));
    const neverBegan = found.status === 'cancelled' && found.started_at === null;
    if (!isOfIt || found.status === 'skipped' || neverBegan) continue;
    if (found.status !== 'scheduled') {
      throw new NothingToDo(
        'conflict',
        `nothing waits to be released: the newest is ${found.version} (${found.id}), and it is ${found.status}`,
      );
    }
    const { deployment, etag } = await client.getDeployment(found.id);
    // Somebody else may just have taken it.
    if (deployment.status === 'scheduled') return { id: found.id, etag };
    throw new NothingToDo('conflict', `${found.version} (${found.id}) is ${deployment.status} now`);
  }
  const hint = await whereabouts(client, taxonomy);
  throw new NothingToDo('notFound', `no deployment of ${taxonomy.name} waits there; ${hint}`);
}
