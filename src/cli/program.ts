import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { packageFile } from '../platform/package-file.js';
import { addApprovals } from './commands/approvals.js';
import { addApprove } from './commands/approve.js';
import { addCalendar } from './commands/calendar.js';
import { addCalendars } from './commands/calendars.js';
import { addCancel } from './commands/cancel.js';
import { addClaim } from './commands/claim.js';
import { addCompletion } from './commands/completion.js';
import { addCreate } from './commands/create.js';
import { addCurrent } from './commands/current.js';
import { addDiff } from './commands/diff.js';
import { addEnvironments } from './commands/environments.js';
import { addEvents } from './commands/events.js';
import { addFreeze } from './commands/freeze.js';
import { addFreezes } from './commands/freezes.js';
import { addGet } from './commands/get.js';
import { addLineage } from './commands/lineage.js';
import { addList } from './commands/list.js';
import { addLock } from './commands/lock.js';
import { addLocks } from './commands/locks.js';
import { addLogin } from './commands/login.js';
import { addLogout } from './commands/logout.js';
import { addOpen } from './commands/open.js';
import { addPolicy } from './commands/policy.js';
import { addQueue } from './commands/queue.js';
import { addRelease } from './commands/release.js';
import { addRollback } from './commands/rollback.js';
import { addRun } from './commands/run.js';
import { addStatus } from './commands/status.js';
import { addUpdateStatus } from './commands/update-status.js';
import { addWait } from './commands/wait.js';
import { addWhoami } from './commands/whoami.js';
import { addConnectionOptions } from './connection.js';
import { helpWidth, leastDescription } from './help.js';
import { programHelp } from './program-help.js';
import type { Session } from './session.js';

const addCommands: readonly AddCommand[] = [
  addStatus,
  addCurrent,
  addDiff,
  addCreate,
  addList,
  addGet,
  addRelease,
  addUpdateStatus,
  addWait,
  addRun,
  addClaim,
  addQueue,
  addCancel,
  addRollback,
  addLineage,
  addEvents,
  addOpen,
  addLock,
  addLocks,
  addFreeze,
  addFreezes,
  addCalendar,
  addCalendars,
  addApprovals,
  addApprove,
  addEnvironments,
  addPolicy,
  addLogin,
  addLogout,
  addWhoami,
  addCompletion,
];

/** Adds a command to the program. */
export type AddCommand = (program: Command, session: Session) => void;

/**
 * The program with all its commands. It throws a CommanderError where commander would exit.
 *
 * @param more commands beside those that people have
 */
export function createProgram(session: Session, more: readonly AddCommand[] = []): Command {
  const width = helpWidth(session.terminal.columns);
  const program = new Command('deployment-queue')
    .description('The queue of deployments, from a terminal or a pipeline.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    // Each command has options of its own that the program has, too: --version for one.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        session.print(text);
      },
      writeErr: (text) => {
        session.note(text);
      },
      // What is wrong is said in one place, see run.ts.
      outputError: () => undefined,
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
    })
    .configureHelp({ minWidthToWrap: leastDescription });
  for (const add of [...addCommands, ...more]) add(program, session);
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of [program, ...commands]) addConnectionOptions(command);
  for (const command of commands) {
    command.addHelpText(
      'after',
      '\nEnvironment, authentication, exit codes: deployment-queue --help',
    );
  }
  return program.addHelpText('after', programHelp(width));
}

/** The version of the package that this belongs to. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
}
