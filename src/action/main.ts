/** What a step does that uses the action. */
import { run } from '../cli/run.js';
import { errorAnnotation } from '../cli/workflow-commands.js';
import { exitCodes } from '../cli/failure.js';
import { remember } from './begun.js';
import { faultIn, inputsOf, optionsOf } from './inputs.js';

/** Commands after which a deployment may be in progress. */
const beginning = ['release', 'update-status'];

const inputs = inputsOf(process.env);
const command = inputs.get('command') ?? '';
const id = inputs.get('id');
const fault = faultIn(inputs);

if (fault !== undefined) {
  process.stderr.write(errorAnnotation(fault));
  process.exitCode = exitCodes.usage;
} else {
  const begins = beginning.includes(command) && inputs.get('report') !== 'false';
  // The runner interrupts a step when its job is cancelled, and ends it seconds later. What has been sent is
  // seen through: else nobody would know that it has begun.
  if (begins) process.on('SIGINT', () => undefined);
  process.exitCode = await run(
    [command, ...optionsOf(inputs), '--', ...(id === undefined ? [] : [id])],
    // The log is this step's own, so the runner can be told in it what to hide.
    { ...process.env, DEPLOYMENT_QUEUE_MASK_TOKENS: 'true' },
    process,
    {
      onReport: async (deployment) => {
        if (begins && deployment.status === 'in_progress') await remember(process.env, deployment);
      },
    },
  );
}
