import type { Command } from 'commander';
import { Option } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import type { Cancellation, DeploymentQueueClient, DeploymentStatus } from '../../client/client.js';
import { countOf, idArgument, reasonOption } from '../arguments.js';
import { connect } from '../connection.js';
import { NothingToDo, UsageError } from '../failure.js';
import { wholeId } from '../ids.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import type { Given } from '../inputs.js';
import { deploymentRows, json } from '../output.js';
import { confirm } from '../prompt.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';

const ofSelector = [
  ...(['name', 'version', 'environment', 'provider'] as const),
  ...(['cloud_account_id', 'region', 'cell', 'trigger'] as const),
];
/** What can be cancelled. */
const open: readonly DeploymentStatus[] = ['scheduled', 'in_progress'];

interface CancelFlags {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly expectedCount?: number;
  readonly reason?: string;
}

/** `cancel`: cancels what waits or runs. */
export function addCancel(program: Command, session: Session): void {
  const command = program
    .command('cancel')
    .summary('cancel what waits or runs')
    .description(
      'Cancels every deployment that is scheduled or in_progress and has all that is named, or one by its id. It shows them first, and asks at a terminal; elsewhere --yes, or --expected-count with their number, says that it may. A lease ends with its deployment: whoever holds it hears so with the next renewal.',
    )
    .addArgument(idArgument('[id]'));
  const others = inputs.listDeployments.filter(
    ({ name }) => !ofSelector.some((part) => part === name),
  );
  addInputs(command, 'listDeployments', { except: others.map(({ name }) => name) });
  command
    .addOption(reasonOption('cancelDeployments'))
    .addOption(new Option('--dry-run', 'show what would be cancelled, and cancel nothing'))
    .addOption(new Option('--yes', 'cancel all that there are, without asking'))
    .addOption(
      new Option('--expected-count <number>', 'cancel them if there are so many')
        .argParser(countOf)
        .conflicts(['yes', 'dryRun']),
    )
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue cancel 4c3d2e1f --reason 'The migration is broken'
  deployment-queue cancel --name checkout --environment production --dry-run
  deployment-queue cancel --environment staging --trigger auto --yes`,
    )
    .action(async (id: string | undefined, flags: CancelFlags) => {
      const given = givenInputs(command, 'listDeployments');
      const find = selection(id, given);
      const client = connect(command, session);
      const selected = await find(client);
      const { count, deployments } = selected.found;
      const show = (shown: Cancellation) => {
        if (wantsJson(command)) session.print(json(shown));
        else if (shown.count > 0) {
          printTable(session, command, (view) => deploymentRows(shown.deployments, view));
        }
      };
      if (flags.dryRun === true || count === 0) {
        show(selected.found);
        if (count === 0) session.note('There is nothing to cancel.\n');
        return;
      }
      if (flags.yes !== true && flags.expectedCount === undefined) {
        const print = (text: string) => {
          session.note(text);
        };
        printTable({ ...session, print }, command, (view) => deploymentRows(deployments, view));
        const isWanted = await confirm(
          `Cancel ${count === 1 ? 'it' : `these ${count}`}? (yes or no) `,
          '--yes cancels them without asking, and --expected-count if there are so many; --dry-run shows them',
        );
        if (!isWanted) {
          session.note('Nothing was cancelled.\n');
          return;
        }
      }
      show(await selected.cancel(flags.expectedCount ?? count, flags.reason ?? null));
    });
}

/** What there is to cancel, and how. */
interface Selected {
  readonly found: Cancellation;
  cancel(expectedCount: number, reason: string | null): Promise<Cancellation>;
}

function selection(
  id: string | undefined,
  given: Readonly<Record<string, Given>>,
): (client: DeploymentQueueClient) => Promise<Selected> {
  if (id !== undefined) {
    if (Object.keys(given).length > 0) {
      throw new UsageError('name either an id, or --name, --environment, --provider and so on');
    }
    return (client) => one(client, id);
  }
  const { query: selector } = checkedInputs('listDeployments', given);
  if (Object.keys(given).length === 0) {
    throw new UsageError(
      'name an id, or at least one of --name, --environment, --provider and so on',
    );
  }
  return async (client) => ({
    found: await client.cancelDeployments({ selector, dry_run: true }),
    cancel: (expected_count, reason) =>
      client.cancelDeployments({ selector, expected_count, reason }),
  });
}

/** One deployment by its id, which no selector can name. */
async function one(client: DeploymentQueueClient, given: string): Promise<Selected> {
  const { deployment, etag } = await client.getDeployment(await wholeId(client, given));
  const { id, status } = deployment;
  if (!open.includes(status)) {
    throw new NothingToDo('conflict', `deployment ${id} is ${status}, and cannot be cancelled`);
  }
  const parts = ofSelector.map((part) => [part, deployment[part]] as const);
  const selector = Object.fromEntries(parts.filter(([, value]) => value !== null));
  return {
    found: { count: 1, deployments: [deployment] },
    async cancel(expected_count, reason) {
      const alike = await client.cancelDeployments({ selector, dry_run: true });
      const isAlone = alike.count === 1 && alike.deployments[0]?.id === id;
      if (isAlone) return client.cancelDeployments({ selector, expected_count, reason });
      const body = { status: 'cancelled', ...(reason !== null && { notes: reason }) } as const;
      const updated = await client.updateDeployment(id, body, { ifMatch: etag });
      return { count: 1, deployments: [updated.deployment] };
    },
  };
}
