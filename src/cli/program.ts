import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { packageFile } from '../platform/package-file.js';
import { addCreate } from './commands/create.js';
import { addEvents } from './commands/events.js';
import { addGet } from './commands/get.js';
import { addLineage } from './commands/lineage.js';
import { addList } from './commands/list.js';
import { addPolicy } from './commands/policy.js';
import { addRelease } from './commands/release.js';
import { addRollback } from './commands/rollback.js';
import { addUpdateStatus } from './commands/update-status.js';
import { addWait } from './commands/wait.js';
import { addConnectionOptions, connectionHelp } from './connection.js';
import { exitCodeMeanings, exitCodes } from './failure.js';
import type { Session } from './session.js';

const addCommands: readonly AddCommand[] = [
  addCreate,
  addList,
  addGet,
  addRelease,
  addUpdateStatus,
  addWait,
  addRollback,
  addLineage,
  addEvents,
  addPolicy,
];

/** Adds a command to the program. */
export type AddCommand = (program: Command, session: Session) => void;

/**
 * The program with all its commands. It throws a CommanderError where commander would exit.
 *
 * @param more commands beside those that people have
 */
export function createProgram(session: Session, more: readonly AddCommand[] = []): Command {
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
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    });
  for (const add of [...addCommands, ...more]) add(program, session);
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of [program, ...commands]) addConnectionOptions(command);
  for (const command of commands) {
    command.addHelpText(
      'after',
      '\nEnvironment, authentication, exit codes: deployment-queue --help',
    );
  }
  return program.addHelpText('after', connectionHelp).addHelpText('after', exitCodeHelp());
}

function exitCodeHelp(): string {
  const lines = Object.entries(exitCodeMeanings).map(([outcome, meaning]) => ({
    code: new Map<string, number>(Object.entries(exitCodes)).get(outcome) ?? '',
    meaning,
  }));
  return `
Exit codes:
${lines.map(({ code, meaning }) => `  ${code}  ${meaning}`).join('\n')}

Examples:
  deployment-queue create --name checkout --version 1.4.0 --environment production \\
    --provider gcp --type k8s
  deployment-queue list --environment production --status scheduled
  deployment-queue release --name checkout --environment production --provider gcp
  deployment-queue wait 019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f --for deployed --timeout 20m
  deployment-queue rollback --name checkout --environment production --provider gcp
  deployment-queue policy check --action configure`;
}

/** The version of the package that this belongs to. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
}
