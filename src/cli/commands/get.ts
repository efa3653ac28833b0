import type { Command } from 'commander';
import { idArgument } from '../arguments.js';
import { connect } from '../connection.js';
import { wholeId } from '../ids.js';
import { printDeployment } from '../session.js';
import type { Session } from '../session.js';

/** `get`: shows a deployment. */
export function addGet(program: Command, session: Session): void {
  const command = program
    .command('get')
    .summary('show a deployment')
    .description('Shows a deployment: every field that has a value, and its ETag.')
    .addArgument(idArgument('<id>'));
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue get 4c3d2e1f
  deployment-queue get 4c3d2e1f --json | jq -r .status`,
    )
    .action(async (id: string) => {
      const client = connect(command, session);
      const result = await client.getDeployment(await wholeId(client, id));
      await printDeployment(session, command, 'Looked at', result);
    });
}
