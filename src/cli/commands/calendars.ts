import type { Command } from 'commander';
import { Option } from 'commander';
import { connect } from '../connection.js';
import { showHistory } from '../gate-history.js';
import { calendarRows } from '../gate-rows.js';
import { json } from '../output.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';

/** `calendars`: shows which URLs there are at which calendar programs read freezes. */
export function addCalendars(program: Command, session: Session): void {
  const command = program
    .command('calendars')
    .summary('show at which URLs calendar programs read freezes: of where, and whose')
    .description(
      'Shows the calendars of freezes, oldest first: of which places, by whom, and since when. Their URLs are secret, and shown once.',
    )
    .addOption(
      new Option('--history', 'every calendar that was created or deleted: when and by whom'),
    );
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue calendars
  deployment-queue calendars --history`,
    )
    .action(async ({ history }: { readonly history?: true }) => {
      const client = connect(command, session);
      if (history === true) {
        await showHistory(client, session, command, 'calendar');
        return;
      }
      const calendars = await client.listFreezeCalendars();
      if (wantsJson(command)) session.print(json(calendars));
      else if (calendars.length === 0) session.note('There are no calendars.\n');
      else printTable(session, command, (view) => calendarRows(calendars, view), { wrap: true });
    });
}
