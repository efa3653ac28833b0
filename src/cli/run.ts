import { CommanderError } from 'commander';
import type { Claimed, Deployment } from '../client/client.js';
import { tokenVariables } from './environment.js';
import type { Environment } from './environment.js';
import { exitCodes, explain } from './failure.js';
import { reportDeployment, setOutputs } from './github-job.js';
import { json } from './output.js';
import { createProgram } from './program.js';
import type { AddCommand } from './program.js';
import { wantsJson } from './session.js';
import type { Session } from './session.js';
import { terminalOf } from './terminal.js';
import type { Output } from './terminal.js';
import {
  createMask,
  errorAnnotation,
  noticeAnnotation,
  withoutCommands,
} from './workflow-commands.js';

/** Where text goes. */
export interface Streams {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** What those who run commands for others add. */
export interface Extensions {
  /** Told of each deployment that a command has ended with. */
  readonly onReport?: (deployment: Deployment) => Promise<void>;
  /** Told of a lease before anything is done under it. */
  readonly onClaim?: (claimed: Claimed) => Promise<void>;
  /** Commands beside those that people have. */
  readonly commands?: readonly AddCommand[];
}

/**
 * Runs a command.
 *
 * @param argv what stands after the program's name
 * @param environment variables by name; an empty one counts as not set
 * @returns the exit code; see {@link exitCodes}
 */
export async function run(
  argv: readonly string[],
  environment: Environment,
  { stdout, stderr }: Streams,
  { onReport, onClaim, commands = [] }: Extensions = {},
): Promise<number> {
  let isShared = false;
  /** A command of the runner begins a line. */
  const tell = (command: string) => void stderr.write(isShared ? `\n${command}` : command);
  const session: Session = {
    environment,
    terminal: terminalOf(stdout, environment),
    screen: terminalOf(stderr, environment),
    // All that is printed goes through these two; only masks and annotations are commands of the runner on purpose.
    print: (text) => void stdout.write(withoutCommands(text)),
    note: (text) => void stderr.write(withoutCommands(text)),
    notice: (line) => {
      if (environment['GITHUB_ACTIONS'] === 'true') tell(noticeAnnotation(line));
      else session.note(`${line}\n`);
    },
    output: (values) => setOutputs(environment, values),
    mask: createMask(environment, tell),
    onClaim: async (claimed) => onClaim?.(claimed),
    share: () => {
      isShared = true;
    },
    report: async (action, deployment, more) => {
      await onReport?.(deployment);
      await reportDeployment(environment, action, deployment, more);
    },
  };
  for (const name of tokenVariables) session.mask(environment[name] ?? '');
  const program = createProgram(session, commands);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    const { code, line, body } = explain(error);
    if (body !== undefined && program.commands.some(wantsJson)) session.print(json(body));
    if (line !== undefined) {
      if (environment['GITHUB_ACTIONS'] === 'true') tell(errorAnnotation(line));
      else session.note(`deployment-queue: ${line}\n`);
    }
    return code;
  }
}
