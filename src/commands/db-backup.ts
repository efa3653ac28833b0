import { backUp } from '../store/sqlite/backup.js';
import { runSqliteCommand } from './store-command.js';

/** Copies the SQLite store into a new file while it serves. */
runSqliteCommand('db:backup', (database, file) => {
  const { deployments, schemaVersion } = backUp(database, file);
  return [`${file} holds ${deployments} deployments of ${database} (schema ${schemaVersion})`];
});
