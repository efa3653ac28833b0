/** Renews a lease while a job goes on from step to step: a process that a step has left behind. */
import { run } from '../cli/run.js';
import { addRenew } from './renew.js';

process.exitCode = await run(process.argv.slice(2), process.env, process, { commands: [addRenew] });
