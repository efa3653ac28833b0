#!/usr/bin/env node
/** What the npm scripts of a checkout run, for whoever has installed the package. */
const commands: Readonly<Record<string, readonly [does: string, run: () => Promise<unknown>]>> = {
  serve: ['serves the API with the settings of the environment', () => import('./serve.js')],
  mock: ["serves the contract's examples (--help)", () => import('./mock.js')],
  'db:migrate': [
    'brings the schema of PostgreSQL or Snowflake up to date',
    () => import('./db-migrate.js'),
  ],
  'db:verify': ['says what is missing in PostgreSQL or Snowflake', () => import('./db-verify.js')],
  'db:probe': [
    'reports what Snowflake does where its documentation is silent',
    () => import('./db-probe.js'),
  ],
  'db:backup': [
    'copies the SQLite file to FILE while it is served',
    () => import('./db-backup.js'),
  ],
  'db:copy': [
    'copies the SQLite file FILE into an empty database on PostgreSQL',
    () => import('./db-copy.js'),
  ],
  'db:restore': ['puts the copy FILE in its place', () => import('./db-restore.js')],
};

const [name = ''] = process.argv.splice(2, 1);
const [, run] = Object.hasOwn(commands, name) ? (commands[name] ?? []) : [];

if (run !== undefined) {
  await run();
} else {
  const lines = Object.entries(commands).map(([each, [does]]) => `  ${each.padEnd(12)}${does}`);
  const usage = `Usage: deployment-queue-api COMMAND\n\n${lines.join('\n')}\n`;
  if (name === '--help') console.log(usage);
  else {
    console.error(name === '' ? usage : `There is no command ${JSON.stringify(name)}\n\n${usage}`);
    process.exitCode = 2;
  }
}
