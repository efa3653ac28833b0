#!/usr/bin/env node
import { run } from './run.js';

// Whoever reads the output may stop reading, `head` for one. There is nothing left to do then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await run(process.argv.slice(2), process.env, process);
