/**
 * What runs after a job in which a step used the action: what the step had begun, and nobody has reported, failed
 * or was cancelled as the job did.
 */
import { run } from '../cli/run.js';
import { begunBy } from './begun.js';
import { inputsOf, optionsOf } from './inputs.js';
import { addSettle } from './settle.js';

/** What the status of a job makes of its deployments. */
const outcomes = new Map([
  ['failure', 'failed'],
  ['cancelled', 'cancelled'],
]);
const ofConnection = ['url', 'audience', 'retry-timeout'];

const inputs = inputsOf(process.env);
const begun = begunBy(process.env);
const outcome = outcomes.get(inputs.get('job-status') ?? '');

if (begun !== undefined && outcome !== undefined) {
  const options = optionsOf(new Map([...inputs].filter(([name]) => ofConnection.includes(name))));
  process.exitCode = await run(
    ['settle', ...options, `--started-at=${begun.startedAt}`, '--', begun.id, outcome],
    { ...process.env, DEPLOYMENT_QUEUE_MASK_TOKENS: 'true' },
    process,
    { commands: [addSettle] },
  );
}
