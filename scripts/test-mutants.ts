/**
 * Shows that the model of the design notices when a rule of it is broken: each mutant of test/model/mutants/ in
 * turn is put into a copy of the compiled code, over which the test that has to notice it is run, most often one of
 * test/model/few-runs.test.ts, always by the same seed, until it fails. Without a mutant all of them have to pass.
 *
 * Arguments are parts of the rules to break: `npm run test:mutants -- lineage buffer`.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, transform } from 'esbuild';
import { mutate, noticers } from '../test/model/mutants/mutant.js';
import type { Mutant } from '../test/model/mutants/mutant.js';
import { mutants } from '../test/model/mutants/mutants.js';
import { packageFile } from '../src/platform/package-file.js';

/** How often a test tries, unless it fails before. */
const runs = 600;
/** Whoever takes longer than so many milliseconds has neither noticed anything nor passed. */
const timeoutMs = 600_000;

type Noticer = keyof typeof noticers;

/** After how many runs a test objected to the code; nothing when it passes. */
type Objection = number | undefined;

/** Compiles the code and the model into a new folder, which looks like the project for the rest. */
async function copyProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
  const root = packageFile('.');
  for (const name of await readdir(root)) {
    if (name !== 'src' && name !== 'test') await symlink(join(root, name), join(folder, name));
  }
  const sources = await Promise.all(
    ['src', 'test/domain/gates', 'test/domain/queue', 'test/model', 'test/support'].map(
      async (part) =>
        (await readdir(join(root, part), { recursive: true })).map((name) => `${part}/${name}`),
    ),
  );
  await build({
    absWorkingDir: root,
    entryPoints: sources.flat().filter((name) => /(?<!\.d)\.[tj]s$/.test(name)),
    outbase: '.',
    outdir: folder,
    platform: 'node',
    target: 'node20',
    format: 'esm',
  });
  return folder;
}

/** Runs a test over a copy. @throws Error when it comes to no end, or does not even begin */
async function runTest(folder: string, noticer: Noticer): Promise<Objection> {
  const mocha = ['node_modules/mocha/bin/mocha.js', '--no-config', '--reporter', 'json', '--exit'];
  const [file, name] = noticers[noticer];
  const test = ['-g', name, `${file}.js`];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...mocha, ...test], {
    cwd: folder,
    env: { ...process.env, MODEL_RUNS: String(runs) },
    timeout: timeoutMs,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: unknown) => error as { stdout: string; stderr: string });
  const report = stdout.slice(stdout.indexOf('{\n'));
  const { passes = [], failures = [] } = (report === '' ? {} : JSON.parse(report)) as Report;
  const [failure] = failures;
  if (failure === undefined && passes.length > 0) return undefined;
  if (failure === undefined || /Timeout of|hook/.test(failure.fullTitle + failure.err.message)) {
    throw new Error(`It comes to no end:\n${stdout}\n${stderr}`);
  }
  return Number(/after (\d+) tests?/.exec(failure.err.message)?.[1]);
}

interface Report {
  readonly passes?: readonly unknown[];
  readonly failures?: readonly { readonly fullTitle: string; readonly err: { message: string } }[];
}

/** Puts a mutant into a copy, and out of it again. */
async function tryMutant(folder: string, noticer: Noticer, mutant: Mutant): Promise<Objection> {
  const source = await readFile(packageFile(mutant.file), 'utf8');
  const { code } = await transform(mutate(mutant, source), { loader: 'ts', target: 'node20' });
  const file = join(folder, mutant.file.replace(/\.ts$/, '.js'));
  const sound = await readFile(file);
  await writeFile(file, code);
  try {
    return await runTest(folder, noticer);
  } finally {
    await writeFile(file, sound);
  }
}

const wanted = process.argv.slice(2);
const isWanted = ({ breaks }: Mutant): boolean =>
  wanted.length === 0 || wanted.some((part) => breaks.includes(part));
const tests = Object.keys(noticers) as Noticer[];
const chosen = tests
  .map((noticer) => ({ noticer, mutants: mutants[noticer].filter(isWanted) }))
  .filter(({ mutants }) => mutants.length > 0);
/** What is left to do: the tests without a mutant first. */
const left = [
  ...chosen.map(({ noticer }) => ({ noticer, mutant: undefined })),
  ...chosen.flatMap(({ noticer, mutants }) => mutants.map((mutant) => ({ noticer, mutant }))),
].reverse();
let killed = 0;
const wrong: string[] = [];

async function worker(): Promise<void> {
  const folder = await copyProject();
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { noticer, mutant } = next;
    const started = performance.now();
    let outcome: string;
    try {
      const tries =
        mutant === undefined
          ? await runTest(folder, noticer)
          : await tryMutant(folder, noticer, mutant);
      if (mutant === undefined) {
        outcome = tries === undefined ? 'passes' : 'FAILS';
        if (tries !== undefined)
          wrong.push(`fails without a mutant: ${noticers[noticer].join(' ')}`);
      } else if (tries === undefined) {
        outcome = 'SURVIVED';
        wrong.push(`survived: ${mutant.breaks}`);
      } else {
        outcome = Number.isNaN(tries) ? 'killed' : `killed by run ${tries}`;
        killed += 1;
      }
    } catch (error) {
      outcome = 'BROKEN';
      wrong.push(`${mutant?.breaks ?? noticer}: ${String(error)}`);
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(3);
    console.log(
      `${seconds} s  ${outcome.padEnd(17)}  ${noticer.padEnd(12)}  ${mutant?.breaks ?? ''}`,
    );
  }
  await rm(folder, { recursive: true });
}

await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
console.log(`\n${killed} mutants killed; ${wrong.length} faults`);
for (const fault of wrong) console.log(`- ${fault}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
