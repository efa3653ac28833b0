import type { Command } from 'commander';
import { idArgument } from '../arguments.js';
import { connect } from '../connection.js';
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
  deployment-queue get 019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f
  deployment-queue get 019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f --json | jq -r .status`,
    )
    .action(async (id: string) => {
      const result = await connect(command, session).getDeployment(id);
      await printDeployment(session, command, 'Looked at', result);
    });
}
