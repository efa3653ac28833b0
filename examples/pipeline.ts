/**
 * A step of a GitHub Actions job with `permissions: id-token: write`: registers the version that was
 * built, and ends when it has been rolled out; green only if it has. When the job is cancelled, what nobody has
 * begun by then is cancelled, too.
 *
 *     env:
 *       DEPLOYMENT_QUEUE_URL: https://deployments.example.com
 *       VERSION: ${{ github.ref_name }}
 *     run: npx tsx examples/pipeline.ts
 */
import { ClientError, createClient, gitHubActions, SettledOtherwise } from 'deployment-queue';

const {
  DEPLOYMENT_QUEUE_URL: url,
  VERSION: version,
  GITHUB_SHA: commit,
  GITHUB_RUN_ID: run,
} = process.env;
if (url === undefined || version === undefined)
  throw new Error('Set DEPLOYMENT_QUEUE_URL and VERSION');

const client = createClient({ url, credentials: gitHubActions() });

// A job that is cancelled interrupts its step, and ends it seconds later.
const cancelled = new AbortController();
process.once('SIGINT', () => {
  cancelled.abort();
});

try {
  const { deployment, replayed } = await client.createDeployment(
    {
      name: 'checkout',
      version,
      environment: 'production',
      provider: 'gcp',
      type: 'k8s',
      commit_sha: commit ?? null,
    },
    // The same for a job that is run again, so that the version is registered once.
    run === undefined ? {} : { idempotencyKey: `${run}-register` },
  );
  console.log(`${replayed ? 'Found' : 'Registered'} ${version} as ${deployment.id}`);

  try {
    await client.waitFor(deployment.id, ['deployed'], {
      signal: cancelled.signal,
      timeoutMs: 45 * 60_000,
      onChange: ({ status }) => {
        console.log(`It is ${status}`);
      },
    });
  } catch (error) {
    if (!cancelled.signal.aborted) throw error;
    const { deployment: present, etag } = await client.getDeployment(deployment.id);
    if (present.status === 'scheduled') {
      await client.updateDeployment(present.id, { status: 'cancelled' }, { ifMatch: etag });
    }
    process.exitCode = 130;
  }
} catch (error) {
  if (!(error instanceof ClientError)) throw error;
  // A skipped version was overtaken by a newer one: nothing is wrong with it.
  const overtaken = error instanceof SettledOtherwise && error.deployment.status === 'skipped';
  console.log(`${overtaken ? '::notice::' : '::error::'}${escaped(error.message)}`);
  process.exitCode = overtaken ? 0 : 1;
}

/** As the data of a command of the runner: a line break in it would begin another. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
