/**
 * What runs after a job in which a step used the action: what the step had begun, and nobody has reported, failed
 * or was cancelled as the job did; and what the job was to carry out is deployed when it went well.
 */
import { run } from '../cli/run.js';
import { withoutCommands } from '../cli/workflow-commands.js';
import { endRenewer } from './background.js';
import { begunBy } from './begun.js';
import { connectionOptionsOf, inputsOf, withoutInputs } from './inputs.js';
import { addSettle } from './settle.js';

/** What the status of a job makes of its deployments. */
const outcomes = new Map([
  ['failure', 'failed'],
  ['cancelled', 'cancelled'],
]);

const inputs = inputsOf(process.env);
const begun = begunBy(process.env);
const status = inputs.get('job-status') ?? '';
const isJobs = begun?.renewer !== undefined;
const outcome = isJobs && status === 'success' ? 'deployed' : outcomes.get(status);

if (begun?.renewer !== undefined) {
  process.stderr.write(withoutCommands(await endRenewer(begun.renewer)));
}
if (begun !== undefined && outcome !== undefined) {
  const options = connectionOptionsOf(inputs);
  process.exitCode = await run(
    ['settle', ...options, `--started-at=${begun.startedAt}`, '--', begun.id, outcome],
    {
      ...withoutInputs(process.env),
      LEASE_TOKEN: begun.leaseToken,
      DEPLOYMENT_QUEUE_MASK_TOKENS: 'true',
    },
    process,
    { commands: [addSettle] },
  );
}
