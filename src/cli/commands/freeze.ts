import type { Command } from 'commander';
import { idArgument, inputNamed, inputOption, reasonOption } from '../arguments.js';
import { connect } from '../connection.js';
import { addGateOptions, givenGate } from '../gate-options.js';
import type { GateFlags } from '../gate-options.js';
import { gateSheet } from '../gate-rows.js';
import { runKey } from '../github-job.js';
import { wholeGateId } from '../ids.js';
import { checkedInputs } from '../inputs.js';
import { json } from '../output.js';
import { gatesPage } from '../pages.js';
import { addScopeOptions, givenScope } from '../scope.js';
import { viewFor, wantsJson } from '../session.js';
import type { Session } from '../session.js';

interface FreezeFlags extends GateFlags {
  readonly starts: string;
  readonly ends: string;
  readonly timeZone?: string;
  readonly rrule?: string;
}

const times = [
  ['--starts <local-time>', 'when it closes first, such as 2026-12-23T18:00', 'starts'],
  ['--ends <local-time>', 'when it opens after that, at most 366 days later', 'ends'],
] as const;

/** `freeze` and `unfreeze`: keep deployments from starting by a calendar. */
export function addFreeze(program: Command, session: Session): void {
  addCreate(program, session);
  addDelete(program, session);
}

function addCreate(program: Command, session: Session): void {
  const command = program
    .command('freeze')
    .summary('keep deployments from starting by a calendar')
    .description(
      'Creates a freeze: nothing starts in its places from --starts to --ends, on the clocks of a time zone, and with --rrule again and again. What runs goes on, and rollbacks pass.',
    );
  const parts = addScopeOptions(command, 'createFreeze');
  for (const [flags, description, name] of times) {
    const option = inputOption(flags, description, inputNamed('createFreeze', name));
    command.addOption(option.makeOptionMandatory());
  }
  command
    .addOption(
      inputOption(
        '--time-zone <zone>',
        'whose clocks it goes by, such as Europe/Berlin; that of this machine unless set',
        inputNamed('createFreeze', 'time_zone'),
      ),
    )
    .addOption(
      inputOption(
        '--rrule <rule>',
        'when it closes again, as an RRULE (RFC 5545), such as FREQ=WEEKLY;BYDAY=FR',
        inputNamed('createFreeze', 'rrule'),
      ),
    );
  addGateOptions(command, 'createFreeze');
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue freeze --environment production --reason Holidays \\
    --starts 2026-12-23T18:00 --ends 2027-01-07T08:00
  deployment-queue freeze --environment production --reason Weekend \\
    --time-zone Europe/Berlin --starts 2026-01-09T18:00 \\
    --ends 2026-01-12T06:00 --rrule 'FREQ=WEEKLY;BYDAY=FR'`,
    )
    .action(async ({ starts, ends, timeZone, rrule, ...flags }: FreezeFlags) => {
      const scope = givenScope(command, parts);
      const client = connect(command, session);
      const zone = timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
      const when = { starts, ends, time_zone: zone, ...(rrule !== undefined && { rrule }) };
      const given = { ...(await givenGate(flags)), ...when };
      const { body } = checkedInputs('createFreeze', given, { scope });
      const { freeze, replayed } = await client.createFreeze(body, {
        idempotencyKey: runKey(session.environment, ['freeze', body]),
      });
      if (replayed) session.note('It was created before, by the same job.\n');
      session.print(
        wantsJson(command) ? json(freeze) : gateSheet(freeze, viewFor(session, command)),
      );
      if (timeZone === undefined) {
        session.note(`It goes by the clocks of this machine, ${zone}; --time-zone names others.\n`);
      }
    });
}

function addDelete(program: Command, session: Session): void {
  const command = program
    .command('unfreeze')
    .summary('delete a freeze: it is open from now on')
    .description(
      'Deletes a freeze, with all that it would have closed; its events stay (freezes --history).',
    )
    .addArgument(idArgument('<id>', 'freeze'))
    .addOption(reasonOption('deleteFreeze'));
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue unfreeze 4c3d2e1f --reason 'Everybody is back'`,
    )
    .action(async (given: string, { reason }: { readonly reason?: string }) => {
      const client = connect(command, session);
      const id = await wholeGateId('freeze', () => client.listAllFreezes(gatesPage), given);
      await client.deleteFreeze(id, reason === undefined ? {} : { reason });
      session.note(`The freeze ${id} is deleted.\n`);
    });
}
