import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Whoever has just built it, and runs other suites beside this one, says so (`.ci/run`). */
let built = process.env['BUILT'] === 'true';

/** Compiles the service once in a run: processes that are started hundreds of times start from that. */
export function buildOnce(): void {
  if (built) return;
  const cwd = fileURLToPath(new URL('../../..', import.meta.url));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd, stdio: 'inherit' });
  built = true;
}
