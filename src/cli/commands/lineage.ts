import type { Command } from 'commander';
import { idArgument } from '../arguments.js';
import { connect } from '../connection.js';
import { wholeId } from '../ids.js';
import { json, lineageRows } from '../output.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';

/** `lineage`: traces rollbacks. */
export function addLineage(program: Command, session: Session): void {
  const command = program
    .command('lineage')
    .summary('trace where a deployment came from and what replaced it')
    .description(
      'Traces a deployment: what its configuration was copied from and what it rolled back from, each back to the first, and the rollbacks that replaced it; at most a hundred of each.',
    )
    .addArgument(idArgument('<id>'));
  command.action(async (id: string) => {
    const client = connect(command, session);
    const lineage = await client.getDeploymentLineage(await wholeId(client, id));
    if (Object.values(lineage.more).includes(true)) {
      session.note('There are more than these: ask for the lineage of the last one of them.\n');
    }
    if (wantsJson(command)) session.print(json(lineage));
    else printTable(session, command, (view) => lineageRows(lineage, view));
  });
}
