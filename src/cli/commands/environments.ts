import { Argument, InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import type { EnvironmentResult } from '../../client/client.js';
import { ifMatchOption } from '../arguments.js';
import { connect } from '../connection.js';
import { UsageError } from '../failure.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { environmentRows, json, neverForNull, sheet } from '../output.js';
import { collect } from '../pages.js';
import { printTable, viewFor, wantsJson } from '../session.js';
import type { Session } from '../session.js';

const pageSize = inputs.listEnvironments.find(({ name }) => name === 'limit')?.maximum ?? 100;

/** `environments`: says how environments are queued for. */
export function addEnvironments(program: Command, session: Session): void {
  const environments = program
    .command('environments')
    .summary('say how environments are queued for')
    .description(
      'The settings of an environment say what excludes each other there, in which order deployments go, and for how long places are taken. Owners of the organisation change them; everybody may read them.',
    );
  for (const add of [addList, addShow, addSet]) add(environments, session);
}

function addList(environments: Command, session: Session): void {
  const command = environments
    .command('list')
    .summary('show the environments that somebody has set')
    .description(
      'Shows the environments that somebody has set, by name. For all others the defaults hold, which show prints.',
    );
  command.action(async () => {
    const client = connect(command, session);
    const found = await collect(client.listAllEnvironments({ limit: pageSize }));
    if (wantsJson(command)) session.print(json(found));
    else if (found.length === 0) session.note('No environment has been set.\n');
    else printTable(session, command, (view) => environmentRows(found, view));
  });
}

function addShow(environments: Command, session: Session): void {
  const command = environments
    .command('show')
    .summary('show how an environment is queued for')
    .description('Shows the settings of an environment, and their ETag.')
    .addArgument(nameArgument());
  command.action(async (name: string) => {
    print(session, command, await connect(command, session).getEnvironment(name));
  });
}

function addSet(environments: Command, session: Session): void {
  const command = environments
    .command('set')
    .summary('change how an environment is queued for')
    .description(
      'Changes settings of an environment; those that are not named stay as they are. --no-NAME sets one to never. If somebody else changes them meanwhile, it ends with 5.',
    )
    .addArgument(nameArgument());
  addInputs(command, 'putEnvironment', { clearable: true, keeps: true });
  command
    .addOption(ifMatchOption('environment'))
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue environments set production --order oldest
  deployment-queue environments set production \\
    --exclusive place --max-running 2 --no-max-hold-seconds`,
    )
    .action(async (name: string, { ifMatch }: { readonly ifMatch?: string }) => {
      const given = checkedInputs('putEnvironment', givenInputs(command, 'putEnvironment')).body;
      if (Object.keys(given).length === 0) {
        throw new UsageError('nothing to change: name a setting');
      }
      const client = connect(command, session);
      const { settings, etag } = await client.getEnvironment(name);
      // A PUT replaces all of them.
      const { environment } = settings;
      const ofTheService = ['environment', 'updated_at'];
      const present = Object.entries(settings).filter(([field]) => !ofTheService.includes(field));
      const body = { ...Object.fromEntries(present), ...given };
      print(
        session,
        command,
        await client.putEnvironment(environment, body, { ifMatch: ifMatch ?? etag }),
      );
    });
}

function print(session: Session, command: Command, { settings, etag }: EnvironmentResult): void {
  session.print(
    wantsJson(command)
      ? json(settings)
      : sheet({ ...neverForNull(settings), etag }, viewFor(session, command)),
  );
}

function nameArgument(): Argument {
  return new Argument('<environment>', 'its name').argParser((name: string) => {
    if (name.trim() !== '' && name.length <= 255) return name;
    throw new InvalidArgumentError('It must have 1 to 255 characters.');
  });
}
