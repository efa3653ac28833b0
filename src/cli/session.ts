import type { Command } from 'commander';
import type { Deployment, DeploymentResult } from '../client/client.js';
import type { Environment } from './connection.js';
import { deploymentSheet, json } from './output.js';

/** What a command is given to work with. */
export interface Session {
  readonly environment: Environment;
  /** Writes to stdout: the result, and nothing else. */
  print(text: string): void;
  /** Writes to stderr: what a person may want to know beside it. */
  note(text: string): void;
  /** Has the log of the GitHub Actions job hide a secret, where that is wanted. */
  mask(secret: string): void;
  /** Tells the GitHub Actions job that this runs in, if any, what was done to which deployment. */
  report(action: string, deployment: Deployment): Promise<void>;
}

/** Whether the API's own response is wanted. */
export function wantsJson(command: Command): boolean {
  const own = command.opts<{ json?: boolean }>().json === true;
  return own || (command.parent !== null && wantsJson(command.parent));
}

/** Prints a deployment, and tells the job that this runs in. */
export async function printDeployment(
  session: Session,
  command: Command,
  action: string,
  { deployment, etag }: Pick<DeploymentResult, 'deployment'> & { readonly etag?: string },
): Promise<void> {
  const more = etag === undefined ? {} : { etag };
  session.print(wantsJson(command) ? json(deployment) : deploymentSheet(deployment, more));
  await session.report(action, deployment);
}
