import type { Command } from 'commander';
import { Argument } from 'commander';
import { enums } from '../../../generated/inputs.js';
import { idArgument, ifMatchOption, overrideOf, overrideOption } from '../arguments.js';
import { connect } from '../connection.js';
import { UsageError } from '../failure.js';
import { wholeId } from '../ids.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { printDeployment } from '../session.js';
import type { Session } from '../session.js';

/** `update-status`: moves a deployment through its life. */
export function addUpdateStatus(program: Command, session: Session): void {
  const command = program
    .command('update-status')
    .summary('move a deployment to a status, or change its notes')
    .description(
      'Moves a deployment to a status, and changes its notes or its deployment URI. Repeating the present status changes nothing; cancelled is for one that shall not be rolled out. When a deployment becomes deployed, the older scheduled ones of the same thing in the same place become skipped.',
    )
    .addArgument(idArgument('<id>'))
    .addArgument(new Argument('[status]', `one of ${enums.DeploymentStatus.join(', ')}`));
  addInputs(command, 'updateDeployment', { clearable: true });
  command
    .addOption(overrideOption('updateDeployment'))
    .addOption(ifMatchOption('deployment'))
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue update-status 4c3d2e1f deployed
  deployment-queue update-status 4c3d2e1f failed --notes 'Error rate'
  deployment-queue update-status 4c3d2e1f --no-notes`,
    )
    .action(
      async (
        id: string,
        status: string | undefined,
        { ifMatch, override }: { readonly ifMatch?: string; readonly override?: string },
      ) => {
        const given = givenInputs(command, 'updateDeployment');
        if (status !== undefined) {
          if ((given['status'] ?? status) !== status) {
            throw new UsageError(`the status is ${status}, but --status says something else`);
          }
          given['status'] = status;
        }
        const { body } = checkedInputs('updateDeployment', given, overrideOf(override));
        if (Object.keys(body).length === 0) {
          throw new UsageError('nothing to change: name a status, or what else is to change');
        }
        const client = connect(command, session);
        const result = await client.updateDeployment(await wholeId(client, id), body, { ifMatch });
        await printDeployment(session, command, 'Updated', result);
      },
    );
}
