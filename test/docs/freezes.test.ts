import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ruleFaults } from '../../src/domain/freezes/faults.js';
import { occurrences } from '../../src/domain/freezes/occurrences.js';
import type { FreezeRule } from '../../src/domain/freezes/rule.js';
import { packageFile } from '../../src/platform/package-file.js';

const text = readFileSync(packageFile('docs/FREEZES.md'), 'utf8');
const months = ['Jan', 'Feb', 'March', 'April', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct'];

/** `28 March 02:30` as `2026-03-28T02:30`. */
function wall(shown: string): string {
  const [, day = '', month = '', time = ''] = /^(\d+) (\w+)\.? (\d\d:\d\d)$/.exec(shown) ?? [];
  const number = String(months.indexOf(month) + 1).padStart(2, '0');
  return `2026-${number}-${day.padStart(2, '0')}T${time}`;
}

describe('docs/FREEZES.md', () => {
  it('shows rules that are taken', () => {
    const shown = [...text.matchAll(/```json\n([^]*?)```/g)].map(
      ([, json = '']) => JSON.parse(json) as FreezeRule,
    );
    const rows = text.matchAll(/^\| [^`|]+ \| `(20[^`]+)` \| `([^`]+)` \| `([^`]+)` +\|$/gm);
    const listed = [...rows].map(([, starts = '', ends = '', rrule = '']): FreezeRule => {
      return { time_zone: 'UTC', starts, ends, rrule: rrule === 'null' ? null : rrule };
    });
    expect(shown).to.have.length(1);
    expect(listed).to.have.length(7);
    expect([...shown, ...listed].flatMap((rule) => ruleFaults(rule))).to.deep.equal([]);
  });

  it('shows the instants at which they begin and end', () => {
    const rows = [
      ...text.matchAll(/^\| (\d[^|]*?) – (\d[^|]*?) +\| (\d+)\w\w (\S+) – (\d+)\w\w (\S+) +\|/gm),
    ];
    expect(rows).to.have.length(7);
    for (const [row, starts = '', ends = '', ...utc] of rows) {
      const rule = {
        time_zone: 'Europe/Berlin',
        starts: wall(starts),
        ends: wall(ends),
        rrule: null,
      };
      const found = occurrences(rule, '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z', 2);
      const parts = found.flatMap(({ from, until }) =>
        [from, until].flatMap((at) => [String(Number(at.slice(8, 10))), at.slice(11, 16)]),
      );
      expect(parts, row).to.deep.equal(utc);
    }
  });
});
