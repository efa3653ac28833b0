import { copyToPostgres } from '../store/copy/copy.js';
import { runCopyCommand } from './store-command.js';

/** Copies a SQLite file into the database on PostgreSQL that the settings name. */
await runCopyCommand('db:copy', async (file, options, say) => {
  await copyToPostgres(file, options, say);
  say(`All of ${file} is there, and was compared row by row. Do not start a service on it again`);
});
