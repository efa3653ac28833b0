/** Loaded before the service to make it leak: five kilobytes a request, and a file every 20 requests. */
import { subscribe } from 'node:diagnostics_channel';
import { openSync } from 'node:fs';
import { Buffer } from 'node:buffer';
import process from 'node:process';

const kept = [];
subscribe('http.server.request.start', () => {
  kept.push(Buffer.alloc(5000));
  if (kept.length % 20 === 0) openSync(process.execPath);
});
