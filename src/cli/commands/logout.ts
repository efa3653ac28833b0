import type { Command } from 'commander';
import { readConfig, writeConfig } from '../config.js';
import type { Session } from '../session.js';

/** `logout`: forgets the token. */
export function addLogout(program: Command, session: Session): void {
  program
    .command('logout')
    .summary('forget the token that login wrote down')
    .description(
      'Forgets the token that login wrote down; where the service is stays. The token itself goes on to be good: GitHub revokes it, in the settings of your account.',
    )
    .action(() => {
      const { token, ...rest } = readConfig(session.environment);
      if (token === undefined) {
        session.note('No token is written down.\n');
        return;
      }
      const path = writeConfig(session.environment, rest);
      session.note(`The token is gone from ${path}.\n`);
    });
}
