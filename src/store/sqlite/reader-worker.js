// @ts-check
// A thread of a `ReaderPool`. It is JavaScript, so that it runs as it is where the service runs from its
// sources: what translates those is not there in a new thread.
import { parentPort, workerData } from 'node:worker_threads';
import { DatabaseSync } from '@photostructure/sqlite';

/** How much of the file is mapped into memory, where that is possible: https://sqlite.org/mmap.html. */
const maxMappedBytes = 16 * 1024 ** 3;

const database = new DatabaseSync(String(workerData), { readOnly: true, timeout: 1_000 });
// Nothing is written beside the file: there may be no other place that can be written to.
database.exec(`PRAGMA mmap_size = ${maxMappedBytes}; PRAGMA temp_store = MEMORY`);

/** @type {Map<string, import('@photostructure/sqlite').StatementSyncInstance>} */
const statements = new Map();

/** @param {string} sql */
function prepare(sql) {
  const known = statements.get(sql);
  if (known !== undefined) return known;
  const statement = database.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

/**
 * @param {import('./reader-pool.js').Query} query
 * @returns {import('./reader-pool.js').QueryResult}
 */
function run({ sql, values, maxBytes }) {
  try {
    const rows = [];
    let bytes = 0;
    for (const row of prepare(sql).iterate(...values)) {
      rows.push(row);
      bytes += Number(row.bytes ?? 0);
      if (bytes > maxBytes) break;
    }
    return { rows };
  } catch (error) {
    const { message, code, errcode } = /** @type {Error & { code?: string; errcode?: number }} */ (
      error
    );
    return { failure: { message, code, errcode } };
  }
}

parentPort?.on('message', (query) => {
  if (query === 'close') {
    // Ended from outside, the thread would take the process along with it.
    statements.clear();
    database.close();
    parentPort?.close();
  } else {
    parentPort?.postMessage(run(query));
  }
});
