import type { Command } from 'commander';
import { connection } from '../connection.js';
import { json, sheet } from '../output.js';
import { viewFor, wantsJson } from '../session.js';
import type { Session } from '../session.js';

/** `whoami`: tells with which credentials the service is called, and who it takes them for. */
export function addWhoami(program: Command, session: Session): void {
  const command = program
    .command('whoami')
    .summary('say which service is called, and as whom')
    .description(
      'Says which service is called, for which organisation, where the credentials are from, and who the service takes them for.',
    );
  command.action(async () => {
    const { url, organisation, source, client } = connection(command, session);
    const { detail } = await client.checkPolicies({ action: 'configure' });
    const found = { url, organisation: organisation ?? null, credentials: source, service: detail };
    session.print(wantsJson(command) ? json(found) : sheet(found, viewFor(session, command)));
  });
}
