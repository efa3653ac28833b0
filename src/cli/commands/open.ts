import type { Command } from 'commander';
import { Option } from 'commander';
import { idArgument } from '../arguments.js';
import { connect } from '../connection.js';
import { NothingToDo } from '../failure.js';
import { wholeId } from '../ids.js';
import { printable } from '../printable.js';
import type { Session } from '../session.js';

/** `open`: shows a deployment's run in the browser. */
export function addOpen(program: Command, session: Session): void {
  const command = program
    .command('open')
    .summary('open the page of a run in the browser')
    .description(
      'Opens the page where the rollout of a deployment can be watched, or, where it has none, that of its build; and prints its address.',
    )
    .addArgument(idArgument('<id>'))
    .addOption(new Option('--build', 'the page of the build'));
  command.action(async (id: string, { build }: { readonly build?: true }) => {
    const client = connect(command, session);
    const { deployment } = await client.getDeployment(await wholeId(client, id));
    const rollout = build === true ? null : deployment.deployment_uri;
    const page = rollout ?? deployment.build_uri;
    if (page === null || !/^https?:/i.test(page)) {
      throw new NothingToDo('notFound', `the deployment ${deployment.id} names no page`);
    }
    session.print(`${printable(page)}\n`);
    // What few commands need is loaded by them alone.
    const { showInBrowser } = await import('../browser.js');
    if (!(await showInBrowser(page))) session.note('No browser could be started.\n');
  });
}
