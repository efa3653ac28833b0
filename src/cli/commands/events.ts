import type { Command } from 'commander';
import { idArgument } from '../arguments.js';
import { connect } from '../connection.js';
import { eventTable, json } from '../output.js';
import { wantsJson } from '../session.js';
import type { Session } from '../session.js';

/** `events`: shows what happened to a deployment. */
export function addEvents(program: Command, session: Session): void {
  const command = program
    .command('events')
    .summary('show every change of status of a deployment, oldest first')
    .description(
      'Shows every change of status of a deployment, oldest first: when, from what to what, how it came about and who asked for it.',
    )
    .addArgument(idArgument('<id>'));
  command.action(async (id: string) => {
    const events = await connect(command, session.environment).listDeploymentEvents(id);
    session.print(wantsJson(command) ? json(events) : eventTable(events));
  });
}
