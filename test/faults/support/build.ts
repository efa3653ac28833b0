import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

let built = false;

/** Compiles the service once in a run: processes that are started hundreds of times start from that. */
export function buildOnce(): void {
  if (built) return;
  const cwd = fileURLToPath(new URL('../../..', import.meta.url));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd, stdio: 'inherit' });
  built = true;
}
