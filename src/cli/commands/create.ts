import type { Command } from 'commander';
import { buildOf } from '../github-event.js';
import { runKey } from '../github-job.js';
import { idempotencyOption } from '../arguments.js';
import { connect } from '../connection.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { printDeployment } from '../session.js';
import type { Session } from '../session.js';

/** `create`: registers a deployment. */
export function addCreate(program: Command, session: Session): void {
  const command = program
    .command('create')
    .summary('register a version that is to be rolled out')
    .description(
      'Registers a version that is to be rolled out; it is scheduled then. In GitHub Actions, --commit-sha, --commit-at and --build-uri are those of the run unless set, and a run that is repeated registers nothing new.',
    );
  addInputs(command, 'createDeployment');
  command
    .addOption(idempotencyOption())
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue create --name checkout --version 1.4.0 \\
    --environment production --provider gcp --region europe-west1 --type k8s
  deployment-queue create ... --auto false \\
    --pipeline-extra-params '{"canary": 10}'
  ID=$(deployment-queue create ... --json | jq -r .id)`,
    )
    .action(async (options: { readonly idempotencyKey?: string }) => {
      const given = givenInputs(command, 'createDeployment');
      const build = await buildOf(session.environment, given['commit_sha']);
      const { body } = checkedInputs('createDeployment', { ...build, ...given });
      const idempotencyKey =
        options.idempotencyKey ?? runKey(session.environment, ['create', body]);
      const client = connect(command, session);
      const result = await client.createDeployment(body, { idempotencyKey });
      if (result.replayed) session.note('It was registered before, under the same key.\n');
      await printDeployment(session, command, 'Registered', result);
    });
}
