/** Loaded before the service to make it leak: a kilobyte, and every hundredth time a file, a request. */
import { subscribe } from 'node:diagnostics_channel';
import { openSync } from 'node:fs';
import process from 'node:process';

const kept = [];
subscribe('http.server.request.start', () => {
  kept.push('x'.repeat(512) + kept.length.toString().padStart(512));
  if (kept.length % 100 === 0) openSync(process.execPath);
});
