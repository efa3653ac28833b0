/**
 * Loaded into the service's process before the service itself (`node --import`), which knows nothing
 * of it: collects garbage and says what is left, when its parent asks.
 */
import { readdirSync } from 'node:fs';
import process from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

process.on('message', async () => {
  // What a finaliser lets go of is collected by the second pass.
  collectGarbage();
  await turn();
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send({
    rss,
    heap: heapUsed + external,
    handles: process.getActiveResourcesInfo().length,
    files: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
  });
});
// Listening for messages must not keep a stopped service alive.
process.channel.unref();
