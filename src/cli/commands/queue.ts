import type { Command } from 'commander';
import { idArgument } from '../arguments.js';
import { connect } from '../connection.js';
import { wholeId } from '../ids.js';
import { bullets, json, sheet } from '../output.js';
import { viewFor, wantsJson } from '../session.js';
import type { Session } from '../session.js';
import { holders, namesIn, reasons } from '../standing.js';

/** `queue`: says where a deployment stands. */
export function addQueue(program: Command, session: Session): void {
  const command = program
    .command('queue')
    .summary('say where a deployment stands, and what it waits for')
    .description(
      'Says at which place a deployment waits, what keeps it from starting, who takes the places, and when it may start, where that can be told. While nobody waits for it, it has no place.',
    )
    .addArgument(idArgument('<id>'));
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue queue 4c3d2e1f
  deployment-queue queue 4c3d2e1f --json | jq '.blocked_by[].kind'`,
    )
    .action(async (id: string) => {
      const client = connect(command, session);
      const found = await wholeId(client, id);
      const [position, { deployment }] = await Promise.all([
        client.getQueuePosition(found),
        client.getDeployment(found),
      ]);
      await session.report('Asked where it stands of', deployment);
      if (wantsJson(command)) {
        session.print(json(position));
        return;
      }
      const view = viewFor(session, command);
      const { name, version, environment, status } = deployment;
      const { position: place, waiting_since, estimated_start_at } = position;
      const stands = {
        ...{ id: found, name, version, environment, status },
        position: place ?? 'nobody waits for it',
        ...{ waiting_since, estimated_start_at },
      };
      const standing = { position, names: await namesIn(client, position) };
      const lists = [
        ['Waits for', reasons(standing, view)],
        ['Runs now', holders(standing, view)],
      ] as const;
      session.print(
        [
          sheet(stands, view),
          ...lists.flatMap(([title, items]) =>
            items.length === 0 ? [] : [bullets(title, items, view)],
          ),
        ].join('\n'),
      );
    });
}
