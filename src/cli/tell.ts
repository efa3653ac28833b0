import type { Command } from 'commander';
import type { DeploymentAnswer } from '../client/client.js';
import { json, sheet } from './output.js';
import type { Session } from './session.js';

/** Whether the API's own answer is wanted. */
export function wantsJson(command: Command): boolean {
  const wants = (from: Command | null) => from?.opts<{ json?: boolean }>().json === true;
  return wants(command) || wants(command.parent);
}

/** Prints a deployment, and leaves it with the job that this runs in. */
export async function tell(
  session: Session,
  command: Command,
  deed: string,
  { deployment, etag }: Pick<DeploymentAnswer, 'deployment'> & { readonly etag?: string },
): Promise<void> {
  const more = etag === undefined ? {} : { etag };
  session.print(wantsJson(command) ? json(deployment) : sheet(deployment, more));
  await session.report(deed, deployment);
}
