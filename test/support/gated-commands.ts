import { expect } from 'chai';
import { commandLine, commandLineAt, environmentOf } from './command-line.js';
import { runService } from './http.js';

const hour = 3_600_000;

/** What clocks in UTC show, so many hours from now. */
export const clockAt = (hours: number) =>
  new Date(Date.now() + hours * hour).toISOString().slice(0, 19);

/** Runs a service around the tests of a suite, and the commands that close gates of an organisation. */
export function runGatedCommands() {
  const running = runService();
  const run = (...argv: string[]) => commandLine(environmentOf(running), ...argv);
  const at = (columns: number, ...argv: string[]) =>
    commandLineAt(columns, { ...environmentOf(running), NO_COLOR: '1' }, ...argv);
  const json = async (...argv: string[]) => {
    const { code, stdout, stderr } = await run(...argv, '--json');
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout);
  };
  const lock = (...argv: string[]) =>
    json('lock', '--environment=production', '--reason=The database is failing over', ...argv);
  const freeze = (...argv: string[]) =>
    json(
      ...['freeze', '--environment=production', '--reason=Holidays', '--time-zone=UTC'],
      ...[`--starts=${clockAt(-1)}`, `--ends=${clockAt(2)}`],
      ...argv,
    );

  return { running, run, at, json, lock, freeze };
}
