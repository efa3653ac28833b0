/**
 * Runs `scripts/dev.ts`, and again whenever a file changes that it imports or reads. tsx sees to what is imported,
 * and never looks at a file whose name begins with a dot, such as `.env`; it starts anew when it reads a line.
 */
import { spawn } from 'node:child_process';
import { watchFile } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** What is read and not imported, by its path from the working folder; it need not be there. */
const readFiles = ['.env', 'openapi.yaml'];

/** How often these are looked at, in milliseconds. */
const everyMs = 500;

const tsx = createRequire(import.meta.url).resolve('tsx/cli');
const service = fileURLToPath(new URL('dev.ts', import.meta.url));
const watch = spawn(process.execPath, [tsx, 'watch', '--clear-screen=false', service], {
  stdio: ['pipe', 'inherit', 'inherit'],
});

for (const file of readFiles) {
  watchFile(file, { interval: everyMs }, (now, before) => {
    // Node also tells once of a file that is not there.
    if (now.mtimeMs !== before.mtimeMs) watch.stdin.write('\n');
  });
}
// The return key still starts it anew, as tsx has it.
process.stdin.pipe(watch.stdin, { end: false });

process.on('SIGTERM', () => watch.kill('SIGTERM'));
// A terminal sends Ctrl-C to tsx as well, which would take a second one for impatience.
process.on('SIGINT', () => undefined);
watch.on('exit', (code) => process.exit(code ?? 1));
