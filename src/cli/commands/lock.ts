import type { Command } from 'commander';
import { Option } from 'commander';
import { durationOf, idArgument, inputNamed, inputOption, reasonOption } from '../arguments.js';
import { connect } from '../connection.js';
import { addGateOptions, givenGate } from '../gate-options.js';
import type { GateFlags } from '../gate-options.js';
import { gateSheet } from '../gate-rows.js';
import { runKey } from '../github-job.js';
import { shortId, wholeGateId } from '../ids.js';
import { checkedInputs } from '../inputs.js';
import { json } from '../output.js';
import { gatesPage } from '../pages.js';
import { addScopeOptions, givenScope } from '../scope.js';
import { viewFor, wantsJson } from '../session.js';
import type { Session } from '../session.js';

interface LockFlags extends GateFlags {
  /** In milliseconds. */
  readonly for?: number;
  readonly expiresAt?: string;
}

/** `lock` and `unlock`: keep deployments from starting until somebody lets them. */
export function addLock(program: Command, session: Session): void {
  addPlace(program, session);
  addRelease(program, session);
}

function addPlace(program: Command, session: Session): void {
  const command = program
    .command('lock')
    .summary('keep deployments from starting, until it is released')
    .description(
      'Places a lock: nothing starts in its places until somebody releases it (unlock), or until it expires. What runs goes on, and rollbacks pass. Locks stack, and each is released by itself.',
    );
  const parts = addScopeOptions(command, 'createLock');
  addGateOptions(command, 'createLock');
  command
    .addOption(
      new Option('--for <duration>', 'how long, such as 30m or 2h; until it is released unless set')
        .argParser(durationOf)
        .conflicts('expiresAt'),
    )
    .addOption(
      inputOption(
        '--expires-at <instant>',
        'when it opens by itself, such as 2026-01-05T09:30:00Z',
        inputNamed('createLock', 'expires_at'),
      ),
    )
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue lock --environment production \\
    --reason 'The database is failing over'
  deployment-queue lock --name checkout --environment production --no-cell \\
    --for 2h --no-rollbacks --reason 'Moving to another cluster'`,
    )
    .action(async (flags: LockFlags) => {
      const scope = givenScope(command, parts);
      const client = connect(command, session);
      const given = await givenGate(flags);
      const expiresAt =
        flags.for === undefined ? flags.expiresAt : new Date(Date.now() + flags.for).toISOString();
      const expiry = expiresAt === undefined ? {} : { expires_at: expiresAt };
      const { body } = checkedInputs('createLock', { ...given, ...expiry }, { scope });
      const { lock, replayed } = await client.createLock(body, {
        idempotencyKey: runKey(session.environment, ['lock', body]),
      });
      const view = viewFor(session, command);
      if (replayed) session.note('It was placed before, by the same job.\n');
      await session.output({ lock_id: lock.id });
      session.print(wantsJson(command) ? json(lock) : gateSheet(lock, view));
      session.note(`deployment-queue unlock ${shortId(lock.id, view)} releases it.\n`);
    });
}

function addRelease(program: Command, session: Session): void {
  const command = program
    .command('unlock')
    .summary('release a lock, and no other')
    .description('Releases a lock, and no other; its events stay (locks --history).')
    .addArgument(idArgument('<id>', 'lock'))
    .addOption(reasonOption('releaseLock'));
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue unlock 4c3d2e1f --reason 'The database is back'`,
    )
    .action(async (given: string, { reason }: { readonly reason?: string }) => {
      const client = connect(command, session);
      const id = await wholeGateId('lock', () => client.listAllLocks(gatesPage), given);
      await client.releaseLock(id, reason === undefined ? {} : { reason });
      session.note(`The lock ${id} is released.\n`);
    });
}
