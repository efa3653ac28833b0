import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Script } from './curls.js';
import type { Place } from './place.js';

/** How a curl that ran came out. */
export interface Outcome {
  /** Which one it was. */
  readonly at: string;
  /** The status of its last answer; 0 when it had none. */
  readonly status: number;
  /** curl's own exit code. */
  readonly code: number;
  /** Its arguments, as other processes of the machine see them, one a line. */
  readonly args: string;
}

/** What ran, and what it said. */
export interface Run {
  readonly outcomes: readonly Outcome[];
  readonly printed: string;
}

/**
 * Stands before curl on the PATH. `--trace-ascii` shows the answer's status and leaves what curl prints
 * as it is. Nothing beyond loopback is reached: any other request goes to a proxy that is not there.
 */
const wrapper = (folder: string) => `#!/usr/bin/env bash
PATH=\${PATH#*:}
log=$(mktemp '${folder}/XXXXXXXX')
printf '%s\\n' "$@" > "$log.args"
http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 no_proxy=127.0.0.1 \\
  curl --trace-ascii "$log.trace" "$@"
code=$?
printf '%s\\n%s\\n' "$CURL_AT" "$code" > "$log.end"
exit "$code"
`;

/**
 * Runs the scripts of a document one after the other in one shell, so that a later one may use what an
 * earlier one has found out.
 *
 * @throws Error when a step uses an expression whose value nobody knows
 */
export async function runCurls(scripts: readonly Script[], place: Place): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-docs-'));
  try {
    const bin = join(folder, 'bin');
    const log = join(folder, 'log');
    const files = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_STEP_SUMMARY'];
    await Promise.all([mkdir(bin), mkdir(log)]);
    await Promise.all(files.map((name) => writeFile(join(folder, name), '')));
    await writeFile(join(bin, 'curl'), wrapper(log));
    await chmod(join(bin, 'curl'), 0o755);
    await writeFile(join(folder, 'script'), scripts.map((script) => shell(script, place)).join(''));

    const child = spawn('bash', ['--noprofile', '--norc', join(folder, 'script')], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...place.variables,
        ...Object.fromEntries(files.map((name) => [name, join(folder, name)])),
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        HOME: folder,
      },
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await once(child, 'close');
    return { outcomes: await readOutcomes(log), printed };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A script as the shell gets it. */
function shell({ commands, env }: Script, place: Place): string {
  const exports = Object.entries(env).map(
    ([name, value]) => `export ${name}=${evaluate(value, place)}\n`,
  );
  return `${exports.join('')}${place.translate(commands)}\n`;
}

/** The value of a text with expressions (`${{ … }}`), as a word of the shell. */
function evaluate(value: string, { expressions, translate }: Place): string {
  const parts = translate(value).split(/\$\{\{\s*(.*?)\s*\}\}/);
  return parts
    .map((part, index) => {
      // Every second part is an expression.
      if (index % 2 === 0) return quote(part);
      const [, output] = /^(?:steps|needs)\.[\w-]+\.outputs\.([\w-]+)$/.exec(part) ?? [];
      if (output !== undefined)
        return `"$(sed -n 's/^${output}=//p' "$GITHUB_OUTPUT" | tail -n 1)"`;
      const known = expressions[part];
      if (known === undefined) throw new Error(`Nobody knows the value of \${{ ${part} }}`);
      return quote(known);
    })
    .join('');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

async function readOutcomes(folder: string): Promise<Outcome[]> {
  const ends = (await readdir(folder)).filter((name) => name.endsWith('.end'));
  return Promise.all(
    ends.map(async (name) => {
      const [at = '', code] = (await readFile(join(folder, name), 'utf8')).split('\n');
      const read = (ending: string) => readFile(join(folder, name.replace(/end$/, ending)), 'utf8');
      const [trace, args] = await Promise.all([read('trace'), read('args')]);
      // A line of an answer's head stands under "Recv header", after its offset.
      const statuses = [...trace.matchAll(/^<= Recv header.*\n0000: HTTP\/[\d.]+ (\d{3})/gm)];
      return { at, status: Number(statuses.at(-1)?.[1] ?? 0), code: Number(code), args };
    }),
  );
}
