import { restore } from '../store/sqlite/restore.js';
import { runSqliteCommand } from './store-command.js';

/** Puts a backup in the place of the SQLite store, which no service may use meanwhile. */
runSqliteCommand('db:restore', (database, file) => {
  const { deployments, schemaVersion, aside, damaged } = restore(file, database);
  const said = [
    `${database} holds the ${deployments} deployments of ${file} (schema ${schemaVersion})`,
  ];
  if (aside !== undefined) said.push(`What was there before is kept in ${aside}`);
  if (damaged) {
    said.push('That was damaged, and nobody can tell who uses it: start every service on it again');
  }
  return said;
});
