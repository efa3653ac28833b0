import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../cli/environment.js';
import { variable } from '../cli/environment.js';

/**
 * Writes a script down, as the runner does with that of a step, and has it run.
 *
 * See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax,
 * "jobs.<job_id>.steps[*].shell": where none is named, `bash -e`.
 *
 * @param use what runs it by the command that it is given
 */
export async function withScript<T>(
  script: string,
  environment: Environment,
  use: (command: readonly string[]) => Promise<T>,
): Promise<T> {
  const temporary = variable(environment, 'RUNNER_TEMP') ?? tmpdir();
  const folder = await mkdtemp(join(temporary, 'deployment-queue-'));
  try {
    const file = join(folder, 'script.sh');
    await writeFile(file, script, { mode: 0o600 });
    return await use(['bash', '-e', file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
