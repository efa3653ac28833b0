/**
 * Runs the tests: all of them, as several processes that each take a share of the files, and fails below the
 * line coverage of .c8rc.json. What the GitHub Action runs is left out there: test/cli/action*.test.ts run its
 * bundle, as the runner does.
 *
 * Arguments are handed on to mocha, and then one process runs, and no coverage is asked for: a part of the
 * tests covers a part. Files that are named are run instead of all:
 * `npm test -- test/http/list.test.ts -g cursor`.
 *
 * Mocha's own `--parallel` ends its workers after a second, which on a busy machine is less than it takes
 * them to write what they have covered.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { compileSources } from '../test/support/compiled.js';

const mocha = 'node_modules/mocha/bin/mocha.js';
/** Set in the process that c8 watches. */
const isCovered = process.env['TEST_SHARDS'] !== undefined;

/** Runs a program to its end; its exit code. */
async function run(args: readonly string[], environment = {}): Promise<number> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [...args], { stdio: 'inherit', env });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** What came of a share of the tests. */
interface Outcome {
  readonly passing: number;
  readonly failing: number;
  readonly code: number;
}

/** Runs a share of the tests, and prints what it says once it has ended. */
async function runShare(share: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [mocha, ...share], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number | null];
  process.stdout.write(output);
  process.stderr.write(errors);
  const count = (what: string): number =>
    Number(new RegExp(`^ +(\\d+) ${what}`, 'm').exec(output)?.[1] ?? 0);
  return { passing: count('passing'), failing: count('failing'), code: code ?? 1 };
}

/**
 * What callers see of changes, turns and gates, and a few runs of the model, on PostgreSQL instead of SQLite: what the
 * two do differently. `npm run test:postgres` has all of both.
 */
const onPostgres = [
  '--config=.mocharc.postgres.json',
  'test/model/few-runs.test.ts',
  ...[
    'auto-skip',
    'claims',
    'concurrency',
    'feed',
    'gates',
    'idempotency',
    'rollback',
    'workers',
  ].map((name) => `test/http/${name}.test.ts`),
];

async function runAll(): Promise<number> {
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`)
    .sort();
  // On two cores as well: half of the time goes into waiting for other processes.
  const atOnce = Math.min(Math.max(3, availableParallelism()), 8);
  // More shares than that, since some take longer than others: whoever is done takes the next.
  const shares = Array.from({ length: 4 * atOnce }, (_, share) =>
    files.filter((_file, nth) => nth % (4 * atOnce) === share),
  );
  shares.push(onPostgres);
  const started = performance.now();
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let share = shares.pop(); share !== undefined; share = shares.pop()) {
      outcomes.push(await runShare(share));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const sum = (what: 'passing' | 'failing'): number =>
    outcomes.reduce((total, outcome) => total + outcome[what], 0);
  const minutes = (performance.now() - started) / 60_000;
  console.log(`\n  ${sum('passing')} passing (${minutes.toFixed(1)}m)`);
  if (sum('failing') > 0) console.log(`  ${sum('failing')} failing`);
  return Math.max(...outcomes.map(({ code }) => code));
}

const args = process.argv.slice(2);
if (isCovered) {
  process.exitCode = await runAll();
} else if (args.length === 0) {
  const own = ['--import', 'tsx/esm', 'scripts/test.ts'];
  compileSources();
  process.exitCode = await run(['node_modules/c8/bin/c8.js', process.execPath, ...own], {
    TEST_SHARDS: 'true',
    SOURCES_COMPILED: 'true',
  });
} else {
  const specs = args.some((arg) => arg.endsWith('.test.ts')) ? [] : ['test/**/*.test.ts'];
  process.exitCode = await run([mocha, '--parallel', ...specs, ...args]);
}
