import { run } from '../../src/cli/run.js';
import type { Running } from './http.js';

/** What a command line came to. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `deployment-queue` in this process, with these variables and no others, and no terminal. */
export function commandLine(
  environment: Readonly<Record<string, string>>,
  ...argv: readonly string[]
): Promise<CommandResult> {
  return runWith({}, environment, argv);
}

/** The same at a terminal that has so many columns, and colours where the environment allows them. */
export function commandLineAt(
  columns: number,
  environment: Readonly<Record<string, string>>,
  ...argv: readonly string[]
): Promise<CommandResult> {
  return runWith({ isTTY: true, columns, hasColors: () => true }, environment, argv);
}

async function runWith(
  terminal: { readonly isTTY?: true; readonly columns?: number; hasColors?(): boolean },
  environment: Readonly<Record<string, string>>,
  argv: readonly string[],
): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  const code = await run(argv, environment, {
    stdout: { ...terminal, write: (text) => (stdout += text) },
    stderr: { ...terminal, write: (text) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

/** All commands as the help names them, with those that a command has of its own, such as `policy set`. */
export async function allCommands(of = ''): Promise<string[]> {
  const { stdout } = await commandLine({}, ...of.split(' ').filter(Boolean), '--help');
  const [, after = ''] = stdout.split('\nCommands:\n');
  const [listed = ''] = after.split('\n\n', 1);
  const names = [...listed.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name = '']) => name);
  const found = names.filter((name) => name !== 'help').map((name) => `${of} ${name}`.trim());
  const theirs = await Promise.all(found.map((name) => allCommands(name)));
  return [...found, ...theirs.flat()];
}

/** The variables of somebody who works with a service that wants no credentials. */
export function environmentOf({ service, tenant }: Running): Record<string, string> {
  return {
    DEPLOYMENT_QUEUE_URL: service.apiUrl,
    DEPLOYMENT_QUEUE_ORGANISATION: tenant.organisation,
    DEPLOYMENT_QUEUE_RETRY_TIMEOUT: '1ms',
  };
}

/** Rows of a table by their headings, as far as two spaces part its columns. */
export function rowsOf(table: string): Record<string, string>[] {
  const [head = '', ...lines] = table.trimEnd().split('\n');
  const names = head.split(/ {2,}/);
  const starts = names.map((name, index) => head.indexOf(name, index === 0 ? 0 : 1));
  return lines.map((line) =>
    Object.fromEntries(
      names.map((name, index) => [name, line.slice(starts[index], starts[index + 1]).trim()]),
    ),
  );
}
