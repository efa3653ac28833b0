import type { CurrentState } from '../../client/contract.js';
import { placeKey } from './place.js';

/** What there is of one component in one environment, in the places of a line: one, or one an account. */
export type Cell = readonly CurrentState[];

/** A line of the board: a component in one provider, region and cell. */
export interface Line {
  readonly key: string;
  /** What tells it from the other lines of its component; nothing where it is the only one. */
  readonly label: string;
  /** By environment, in the order of the grid's. */
  readonly cells: readonly Cell[];
}

/** A component, with its lines. */
export interface Group {
  readonly name: string;
  readonly lines: readonly Line[];
}

export interface Grid {
  readonly environments: readonly string[];
  readonly groups: readonly Group[];
}

/** The stages that environments are usually named after, in the order in which versions come to them. */
const stages: readonly RegExp[] = [
  /^(local|sandbox|preview)/,
  /^dev/,
  /^(int|ci|test|qa)/,
  /^(uat|acc|demo|perf|load)/,
  /^(stag|stg|preprod|pre-prod|canary)/,
  /^(live|prd|prod)/,
];

/** Environments as versions come to them: by their stage, those without a usual name in the middle, then by name. */
export function inOrder(environments: Iterable<string>): string[] {
  const rank = (name: string) => {
    const stage = stages.findIndex((pattern) => pattern.test(name));
    return stage === -1 ? 3.5 : stage;
  };
  return [...new Set(environments)].sort((a, b) => rank(a) - rank(b) || compareText(a, b));
}

/** Lays rows out: lines are components, by provider, region and cell where these differ; columns environments. */
export function layOut(rows: Iterable<CurrentState>): Grid {
  const all = [...rows];
  const environments = inOrder(all.map(({ environment }) => environment));
  const groups = [...groupBy(all, ({ name }) => name)]
    .map(([name, ofGroup]) => ({ name, lines: linesOf(ofGroup, environments) }))
    .sort((a, b) => compareText(a.name, b.name));
  return { environments, groups };
}

function linesOf(rows: readonly CurrentState[], environments: readonly string[]): Line[] {
  const parts = (['provider', 'region', 'cell'] as const).filter(
    (part) => new Set(rows.map((row) => row[part])).size > 1,
  );
  const lines = groupBy(rows, ({ provider, region, cell }) =>
    JSON.stringify([provider, region, cell]),
  );
  return [...lines]
    .map(([place, ofLine]) => {
      const [first] = ofLine;
      const label = parts.flatMap((part) => first?.[part] ?? []).join(' · ');
      const cells = environments.map((environment) =>
        ofLine
          .filter((row) => row.environment === environment)
          .sort((a, b) => compareText(placeKey(a), placeKey(b))),
      );
      return { key: JSON.stringify([first?.name, place]), label, cells };
    })
    .sort((a, b) => compareText(a.label, b.label));
}

/** Whether two lines show the same: what has not changed need not be drawn again. */
export function isSameLine(a: Line, b: Line): boolean {
  return (
    a.key === b.key &&
    a.label === b.label &&
    a.cells.length === b.cells.length &&
    a.cells.every((cell, column) => {
      const other = b.cells[column];
      return cell.length === other?.length && cell.every((row, nth) => row === other[nth]);
    })
  );
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

const collator = new Intl.Collator('en', { numeric: true });

function compareText(a: string, b: string): number {
  return collator.compare(a, b);
}
