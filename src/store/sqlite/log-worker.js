// @ts-check
// The thread of a `LogThread`. It is JavaScript, so that it runs as it is where the service runs from its
// sources: what translates those is not there in a new thread.
import { accessSync, constants } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { DatabaseSync } from '@photostructure/sqlite';

const path = String(workerData);
// Without this, SQLite would create it.
accessSync(path, constants.R_OK);
const database = new DatabaseSync(path, { timeout: 1_000 });
// What is carried over is on the disk before the log begins anew: https://sqlite.org/pragma.html#pragma_synchronous.
database.exec('PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY');
const carryOver = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

/** @returns {import('./log-thread.js').CarriedOver} */
function run() {
  try {
    carryOver.get();
    return {};
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (message) => {
  if (message === 'close') {
    // Ended from outside, the thread would take the process along with it.
    database.close();
    parentPort?.close();
  } else {
    parentPort?.postMessage(run());
  }
});
