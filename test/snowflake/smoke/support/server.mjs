// Starts the server for a test file, and talks to its control paths.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const python = process.env.SNOWFLAKE_TEST_PYTHON ?? join(root, '.venv', 'bin', 'python');

export const user = 'DEPLOYMENT_QUEUE';
export const password = 'correct horse';

/** A new RSA key pair as PEM; `passphrase` encrypts the private half. */
export function newKeyPair(passphrase) {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: {
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase ? { cipher: 'aes-256-cbc', passphrase } : {}),
    },
  });
}

/**
 * Starts the server on a free port.
 * Returns its URL, its log as parsed lines, `control(method, path, body)` and `stop()`.
 */
export async function startServer({ publicKeys = [], maxLockWait = 1 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'snowflake-server-'));
  const files = publicKeys.map((key, index) => {
    const file = join(folder, `key-${index}.pem`);
    writeFileSync(file, key);
    return file;
  });
  const child = spawn(
    python,
    [
      '-m',
      'server',
      '--port',
      '0',
      '--user',
      user,
      '--stop-with-stdin',
      '--max-lock-wait',
      String(maxLockWait),
      ...files.flatMap((file) => ['--public-key', file]),
    ],
    {
      cwd: root,
      env: { ...process.env, SNOWFLAKE_SERVER_PASSWORD: password },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  const log = [];
  let other = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    try {
      log.push(JSON.parse(line));
    } catch {
      other += `${line}\n`;
    }
  });
  const ready = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}\n${other}`)));
    child.once('error', reject);
  });
  const control = async (method, path, body) => {
    const response = await fetch(ready.url + path, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  return {
    url: ready.url,
    log,
    control,
    fault: (...faults) => control('POST', '/__faults', faults),
    requests: async () => (await control('GET', '/__requests')).requests,
    reset: async () => {
      await control('DELETE', '/__faults');
      await control('DELETE', '/__requests');
    },
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', (code, signal) => {
          rmSync(folder, { recursive: true });
          resolve({ code, signal, other });
        });
        child.kill('SIGTERM');
      }),
  };
}
