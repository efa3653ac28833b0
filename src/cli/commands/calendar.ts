import type { Command } from 'commander';
import { idArgument } from '../arguments.js';
import { connect, connection } from '../connection.js';
import { calendarSheet } from '../gate-rows.js';
import { shortId, wholeGateId } from '../ids.js';
import { json } from '../output.js';
import { addScopeOptions, givenScope } from '../scope.js';
import { viewFor, wantsJson } from '../session.js';
import type { Session } from '../session.js';

/** `calendar`: makes and deletes URLs at which calendar programs read freezes. */
export function addCalendar(program: Command, session: Session): void {
  const calendar = program
    .command('calendar')
    .summary('make or delete a URL at which calendar programs read freezes')
    .description(
      'A calendar is a URL at which programs read when the freezes of some places are closed, as iCalendar: a month back and a year ahead.',
    );
  for (const add of [addCreate, addDelete]) add(calendar, session);
}

function addCreate(calendar: Command, session: Session): void {
  const command = calendar
    .command('create')
    .summary('make a URL for calendar programs')
    .description(
      'Makes a calendar of the freezes in its places, and prints its URL, which is shown once and is secret: it needs no other token, and may do nothing else.',
    );
  const parts = addScopeOptions(command, 'createFreezeCalendar');
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue calendar create --environment production
  deployment-queue calendar create --everywhere`,
    )
    .action(async () => {
      const scope = givenScope(command, parts);
      const { client, url: service } = connection(command, session);
      const created = await client.createFreezeCalendar({ scope });
      session.mask(/[?&]token=([^&]+)/.exec(created.url)?.[1] ?? '');
      const view = viewFor(session, command);
      const url = `${service}${created.url}`;
      session.print(
        wantsJson(command) ? json(created) : calendarSheet(created.calendar, url, view),
      );
      session.note(
        'Whoever has the URL may see when, where and why nothing is deployed; it is not shown again.\n' +
          `deployment-queue calendar delete ${shortId(created.calendar.id, view)} ends it.\n`,
      );
    });
}

function addDelete(calendar: Command, session: Session): void {
  const command = calendar
    .command('delete')
    .summary('delete a calendar: its URL ends')
    .description(
      'Deletes a calendar: whoever has its URL gets nothing at it any more. The freezes stay, and so do its events (calendars --history).',
    )
    .addArgument(idArgument('<id>', 'calendar'));
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue calendar delete 4c3d2e1f`,
    )
    .action(async (given: string) => {
      const client = connect(command, session);
      const id = await wholeGateId('calendar', () => client.listFreezeCalendars(), given);
      await client.deleteFreezeCalendar(id);
      session.note(`The calendar ${id} is deleted.\n`);
    });
}
