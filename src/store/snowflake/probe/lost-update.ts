import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from '../driver.js';
import { whole } from '../values.js';
import { addRow, asRequest, changeRow, describe, outcomeOf, plain, tableOf } from './bench.js';
import type { Bench, Section } from './bench.js';

/** How the second change is sent. */
const ways: readonly (readonly [string, (link: Link, id: string) => Promise<unknown>])[] = [
  ['alone', (link, id) => link.query(changeRow(id, 'second')).then(([row]) => row)],
  ['in one request', (link, id) => link.batch(asRequest(changeRow(id, 'second')))],
];

/**
 * Whether an UPDATE that waited for the lock of a row looks at its WHERE again. Two changes are made on top of
 * the same revision, the second while the first has not committed: if the second one takes as well, the first
 * one is lost.
 */
export async function probeLostUpdate(bench: Bench): Promise<Section> {
  const rows: unknown[][] = [];
  for (const [way, change] of ways) {
    const id = `lost update ${way}`;
    await bench.withLink((first) =>
      bench.withLink(async (second) => {
        await first.query(addRow(id));
        await first.query(plain('BEGIN TRANSACTION'));
        await first.query(changeRow(id, 'first'));
        const started = performance.now();
        const changed = outcomeOf(change(second, id)).then((outcome) => ({
          outcome,
          waited: performance.now() - started,
        }));
        await Promise.race([sleep(bench.pauseMs), changed]);
        await first.query(plain('COMMIT'));
        const { outcome, waited } = await changed;
        const stored = await first.query({
          sql: `
          SELECT COUNT_IF(notes = 'first') AS of_first, COUNT_IF(notes = 'second') AS of_second
          FROM probe_rows WHERE id = ?`,
          values: [id],
        });
        const [row = {}] = stored;
        const survived = whole(row, 'OF_FIRST') === 1 ? 'first' : 'second';
        rows.push([way, Math.round(waited), whatItSaid(outcome), survived]);
      }),
    );
  }
  const isLost = rows.some((row) => row.at(-1) === 'second');
  return [
    '## Lost update',
    '',
    isLost
      ? '**An UPDATE that waited does not look at its WHERE again: the first change is lost.**'
      : '**An UPDATE that waited looks at its WHERE again: the first change stands.**',
    '',
    ...tableOf(['the second change', 'waited, ms', 'it said', 'what is stored is of the'], rows),
  ];
}

function whatItSaid(outcome: Awaited<ReturnType<typeof outcomeOf>>): string {
  if ('error' in outcome) return describe(outcome);
  return outcome.result === undefined ? 'no error' : `\`${JSON.stringify(outcome.result)}\``;
}
