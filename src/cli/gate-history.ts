import type { Command } from 'commander';
import { inputs } from '../../generated/inputs.js';
import type { DeploymentQueueClient } from '../client/client.js';
import { gateEventRows } from './gate-rows.js';
import { json } from './output.js';
import { collect } from './pages.js';
import { printTable, wantsJson } from './session.js';
import type { Session } from './session.js';

const pageSize = inputs.listGateEvents.find(({ name }) => name === 'limit')?.maximum ?? 100;

/** Prints every change of locks, of freezes or of calendars, oldest first. */
export async function showHistory(
  client: DeploymentQueueClient,
  session: Session,
  command: Command,
  kind: 'lock' | 'freeze' | 'calendar',
): Promise<void> {
  const all = await collect(client.listAllGateEvents({ limit: pageSize }));
  const events = all.filter(({ type }) => type.startsWith(`${kind}.`));
  if (wantsJson(command)) session.print(json(events));
  else if (events.length === 0) session.note(`There never was a ${kind}.\n`);
  else printTable(session, command, (view) => gateEventRows(events, view), { wrap: true });
}
