import { execFileSync } from 'node:child_process';

/** Where Debian puts the programs of the oldest version that the service works with; others by `POSTGRES_PROGRAMS`. */
export const programs = process.env['POSTGRES_PROGRAMS'] ?? '/usr/lib/postgresql/15/bin';

/** The major version that the programs there say that they are; nothing when there are none. */
export const version = ((): string | undefined => {
  try {
    return /\d+/.exec(
      execFileSync(`${programs}/postgres`, ['--version'], { encoding: 'utf8' }),
    )?.[0];
  } catch {
    return undefined;
  }
})();

/** Says that a suite is not run, by its name, where those programs are missing. */
export function describeInstalled(name: string, suite: () => void): void {
  if (version !== undefined) {
    describe(name, suite);
    return;
  }
  console.error(
    `SKIPPED ${name}, nothing of it was run: PostgreSQL 15 is not in ${programs} (apt-get install postgresql-15)`,
  );
}
