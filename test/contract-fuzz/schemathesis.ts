import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This folder, with Schemathesis's configuration and hooks. */
export const folder = fileURLToPath(new URL('./', import.meta.url));

/** What Schemathesis is told. */
export interface FuzzOptions {
  readonly python: string;
  readonly apiUrl: string;
  /** Headers by the name of who sends them; the first sends, the others must not see what it made. */
  readonly callers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Repeats the same cases. */
  readonly seed: number;
  /** Cases of each operation in a phase, at the most. */
  readonly examples: number;
}

/** What it reports, some of it. */
export interface FuzzReport {
  readonly exitCode: number | null;
  /** As it prints it, with a way to repeat each failure. */
  readonly output: string;
  readonly cases: { readonly generated: number };
  readonly failures: readonly unknown[];
  readonly errors: readonly unknown[];
}

/** Runs Schemathesis over the contract that a service serves. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { python, apiUrl, callers, seed, examples } = options;
  const work = await mkdtemp(join(tmpdir(), 'contract-fuzz-'));
  // The format of Web Fuzzing Commons, of which JSON is a part; in a file, so that no list of
  // processes shows a token.
  const auth = Object.entries(callers).map(([name, headers]) => ({
    name,
    fixedHeaders: Object.entries(headers).map(([header, value]) => ({ name: header, value })),
  }));
  await writeFile(join(work, 'auth.yaml'), JSON.stringify({ auth }), { mode: 0o600 });
  const child = spawn(
    python,
    [
      ...['-m', 'schemathesis.cli', '--config-file', join(folder, 'schemathesis.toml')],
      ...['run', `${apiUrl}/openapi.json`, '--url', apiUrl],
      ...['--auth-wfc', join(work, 'auth.yaml')],
      ...['--checks', 'all', '--seed', String(seed), '--max-examples', String(examples)],
      ...['--continue-on-failure', '--no-color', '--generation-database', 'none'],
      ...['--report', 'json', '--report-json-path', join(work, 'report.json')],
    ],
    {
      cwd: work,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        PYTHONPATH: folder,
        PYTHONDONTWRITEBYTECODE: '1',
        SCHEMATHESIS_HOOKS: 'hooks',
      },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const json = await readFile(join(work, 'report.json'), 'utf8').catch(() => {
    throw new Error(`Schemathesis did not run:\n${output}`);
  });
  const report = JSON.parse(json) as {
    test_cases: FuzzReport['cases'];
    failures: unknown[];
    errors: unknown[];
  };
  await rm(work, { recursive: true });
  const { test_cases: cases, failures, errors } = report;
  return { exitCode, output, cases, failures, errors };
}
