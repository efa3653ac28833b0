/**
 * Takes jobs from a queue on PostgreSQL, and tells its parent of each as soon as it has it:
 *
 *     worker.ts graphile-worker|pg-boss URL
 */
import { Logger, run } from 'graphile-worker';
import PgBoss from 'pg-boss';

const [, , queue, url = ''] = process.argv;
const tell = (): void => void process.send?.('has it');

if (queue === 'graphile-worker') {
  const logger = new Logger(() => () => undefined);
  await run({ connectionString: url, concurrency: 1, logger, taskList: { deploy: tell } });
} else {
  const boss = new PgBoss(url);
  await boss.start();
  await boss.createQueue('deploy');
  // As often as it can be told to look; it is not told of a job.
  await boss.work('deploy', { pollingIntervalSeconds: 0.5 }, () => {
    tell();
    return Promise.resolve();
  });
}
process.send?.('ready');
