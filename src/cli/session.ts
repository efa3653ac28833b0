import type { Command } from 'commander';
import type { Claimed, Deployment, DeploymentResult } from '../client/client.js';
import type { Environment } from './environment.js';
import { deploymentSheet, json } from './output.js';
import { table } from './table.js';
import type { Row, TableOptions } from './table.js';
import type { Terminal } from './terminal.js';
import { viewOf } from './view.js';
import type { View } from './view.js';

/** What a command is given to work with. */
export interface Session {
  readonly environment: Environment;
  /** Who reads the result. */
  readonly terminal: Terminal;
  /** Who reads what is noted. */
  readonly screen: Terminal;
  /** Writes to stdout: the result, and nothing else. */
  print(text: string): void;
  /** Writes to stderr: what a person may want to know beside it. */
  note(text: string): void;
  /** Writes a line to stderr as well, which in a GitHub Actions job is shown on the page of the run. */
  notice(line: string): void;
  /** Sets outputs of the step that this runs in, if any, beside those of a deployment. */
  output(values: Readonly<Record<string, string>>): Promise<void>;
  /** Has the log of the GitHub Actions job hide a secret, where that is wanted. */
  mask(secret: string): void;
  /** Told of a lease before anything is done under it. */
  onClaim(claimed: Claimed): Promise<void>;
  /** Says that from now on others write to stderr as well, who may leave a line unfinished. */
  share(): void;
  /**
   * Tells the GitHub Actions job that this runs in, if any, what was done to which deployment.
   *
   * @param more outputs beside those of every deployment
   */
  report(
    action: string,
    deployment: Deployment,
    more?: Readonly<Record<string, string>>,
  ): Promise<void>;
}

/** Whether the API's own response is wanted. */
export function wantsJson(command: Command): boolean {
  return isSet(command, 'json');
}

/** How to show things: fitted to the terminal, unless `--wide` is set. */
export function viewFor(session: Session, command: Command): View {
  return viewOf(session.terminal, isSet(command, 'wide'));
}

/** Options may stand before the command's name as well. */
function isSet(command: Command, name: 'json' | 'wide'): boolean {
  return command.optsWithGlobals<Partial<Record<typeof name, boolean>>>()[name] === true;
}

/** Prints rows, and says what there was no room for. */
export function printTable(
  session: Session,
  command: Command,
  rows: (view: View) => readonly Row[],
  options?: TableOptions,
): void {
  const view = viewFor(session, command);
  const { text, leftOut } = table(rows(view), view, options);
  session.print(text);
  noteLeftOut(session, leftOut);
}

/** Says for which headings there was no room. */
export function noteLeftOut(session: Session, names: readonly string[]): void {
  if (names.length > 0) session.note(`Not shown: ${names.join(', ')}; --wide shows all.\n`);
}

/** Prints a deployment, and tells the job that this runs in. */
export async function printDeployment(
  session: Session,
  command: Command,
  action: string,
  { deployment, etag }: Pick<DeploymentResult, 'deployment'> & { readonly etag?: string },
): Promise<void> {
  const more = etag === undefined ? {} : { etag };
  session.print(
    wantsJson(command)
      ? json(deployment)
      : deploymentSheet(deployment, viewFor(session, command), more),
  );
  await session.report(action, deployment);
}
