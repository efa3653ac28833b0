import type { Command } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import type { DeploymentEvent } from '../../client/client.js';
import { idArgument } from '../arguments.js';
import { connect } from '../connection.js';
import { wholeId } from '../ids.js';
import { eventRows, json } from '../output.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';

const pageSize = inputs.listDeploymentEvents.find(({ name }) => name === 'limit')?.maximum ?? 100;

/** `events`: shows what happened to a deployment. */
export function addEvents(program: Command, session: Session): void {
  const command = program
    .command('events')
    .summary('show every change of a deployment, oldest first')
    .description(
      'Shows every change of a deployment, oldest first, over all pages: when, from what to what, what else changed, how it came about, who asked for it and why.',
    )
    .addArgument(idArgument('<id>'));
  command.action(async (id: string) => {
    const client = connect(command, session);
    const events: DeploymentEvent[] = [];
    const found = await wholeId(client, id);
    for await (const event of client.listAllDeploymentEvents(found, { limit: pageSize })) {
      events.push(event);
    }
    if (wantsJson(command)) session.print(json(events));
    else printTable(session, command, (view) => eventRows(events, view), { wrap: true });
  });
}
