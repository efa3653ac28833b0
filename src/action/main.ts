/** What a step does that uses the action. */
import { exitCodes } from '../cli/failure.js';
import { run } from '../cli/run.js';
import type { Extensions } from '../cli/run.js';
import { errorAnnotation } from '../cli/workflow-commands.js';
import { remember } from './begun.js';
import {
  connectionOptionsOf,
  faultIn,
  inputsOf,
  optionsOf,
  taskOf,
  withoutInputs,
} from './inputs.js';
import { withScript } from './script.js';
import { startCommand } from './start.js';

/** Commands after which a deployment may be in progress. */
const beginning = ['release', 'update-status'];

const inputs = inputsOf(process.env);
const id = inputs.get('id');
// The log is this step's own, so the runner can be told in it what to hide.
const environment = { ...withoutInputs(process.env), DEPLOYMENT_QUEUE_MASK_TOKENS: 'true' };
const carryOut = (argv: readonly string[], extensions: Extensions) =>
  run(argv, environment, process, extensions);

/** Runs a command of the command line. */
function runCommand(command: string): Promise<number> {
  const begins = beginning.includes(command) && inputs.get('report') !== 'false';
  // The runner interrupts a step when its job is cancelled, and ends it seconds later. What has been sent is
  // seen through: else nobody would know that it has begun.
  if (begins) process.on('SIGINT', () => undefined);
  return carryOut([command, ...optionsOf(inputs), '--', ...(id === undefined ? [] : [id])], {
    onReport: async (deployment) => {
      if (begins && deployment.status === 'in_progress') await remember(process.env, deployment);
    },
  });
}

/** The options of a deployment that is registered, or of the one that is named. */
const ofTurn = [...optionsOf(inputs), ...(id === undefined ? [] : [`--id=${id}`])];

/** Runs the script of the step when it is the turn for it. */
function runScript(script: string): Promise<number> {
  return withScript(script, environment, (shell) =>
    carryOut(['run', ...ofTurn, '--', ...shell], {
      // Only a step that was ended by force leaves something to report.
      onClaim: ({ deployment, lease }) =>
        remember(process.env, deployment, { leaseToken: lease.token }),
    }),
  );
}

const fault = faultIn(inputs);
if (fault !== undefined) {
  process.stderr.write(errorAnnotation(fault));
  process.exitCode = exitCodes.usage;
} else {
  switch (taskOf(inputs)) {
    case 'run':
      process.exitCode = await runScript(inputs.get('run') ?? '');
      break;
    case 'start':
      process.exitCode = await carryOut(['start', ...ofTurn], {
        commands: [startCommand(connectionOptionsOf(inputs))],
      });
      break;
    default:
      process.exitCode = await runCommand(inputs.get('command') ?? '');
  }
}
