import type { Command } from 'commander';
import { Option } from 'commander';
import { connect } from '../connection.js';
import { showHistory } from '../gate-history.js';
import { lockRows } from '../gate-rows.js';
import { json } from '../output.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';
import { collect, gatesPage } from '../pages.js';

/** `locks`: shows what is locked. */
export function addLocks(program: Command, session: Session): void {
  const command = program
    .command('locks')
    .summary('show what is locked: by whom, until when and why')
    .description(
      'Shows the locks that are closed, oldest first: where, by whom, since when, until when and why.',
    )
    .addOption(
      new Option('--history', 'every lock that was placed or released: when, by whom and why'),
    );
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue locks
  deployment-queue locks --history`,
    )
    .action(async ({ history }: { readonly history?: true }) => {
      const client = connect(command, session);
      if (history === true) {
        await showHistory(client, session, command, 'lock');
        return;
      }
      const locks = await collect(client.listAllLocks(gatesPage));
      if (wantsJson(command)) session.print(json(locks));
      else if (locks.length === 0) session.note('Nothing is locked.\n');
      else printTable(session, command, (view) => lockRows(locks, view), { wrap: true });
    });
}
