import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../', import.meta.url));
const python = process.env['SNOWFLAKE_TEST_PYTHON'] ?? join(folder, '.venv/bin/python');
/** Where to note what is sent: scripts/test-snowflake.ts has it parsed. */
const statements = process.env['SNOWFLAKE_TEST_STATEMENTS'];

export const user = 'DEPLOYMENT_QUEUE';
export const password = 'correct horse';

/** A fault that the server is to commit: test/snowflake/server/faults.py lists them. */
export interface Fault {
  readonly kind: string;
  /** How often; 1 by default, for ever when `null`. */
  readonly times?: number | null;
  readonly match?: string;
  readonly path?: string;
  readonly status?: number;
  readonly ms?: number;
  readonly code?: string;
  readonly sqlState?: string;
  readonly message?: string;
}

/** A request that arrived at the server. */
export interface WireRequest {
  readonly path: string;
  readonly method: string;
  readonly sql: string | null;
  readonly outcome: string;
  readonly retry: number;
}

/** What lets the user in beside a password and keys; public keys are PEM. */
export interface Trust {
  /** A programmatic access token. */
  readonly accessToken?: string;
  /** An OAuth server, whose tokens name the user in `sub` and roles in `scope`. */
  readonly oauth?: {
    readonly issuer: string;
    readonly audience: string;
    readonly publicKey: string;
  };
  readonly identities?: readonly {
    readonly provider: 'AZURE' | 'GCP' | 'OIDC';
    readonly issuer: string;
    readonly subject: string;
    readonly audience: string;
    readonly publicKey: string;
  }[];
  readonly aws?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A session that is open at the server. */
export interface ServerSession {
  readonly user: string;
  readonly role: string;
  readonly secondaryRoles: 'ALL' | 'NONE';
  readonly inTransaction: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A server that speaks Snowflake's protocol, in a process of its own on a port of its own. */
export class SnowflakeServer {
  readonly url: string;
  /** Its log: translations, differences, errors of its own. */
  readonly log: Readonly<Record<string, unknown>>[];
  readonly #stop: () => Promise<void>;

  private constructor(url: string, log: Record<string, unknown>[], stop: () => Promise<void>) {
    this.url = url;
    this.log = log;
    this.#stop = stop;
  }

  /**
   * @param publicKeys PEM, for logins by key pair
   * @param trust what else lets the user in
   */
  static async start(
    publicKeys: readonly string[] = [],
    maxLockWait = 2,
    trust: Trust = {},
  ): Promise<SnowflakeServer> {
    const keys = await mkdtemp(join(tmpdir(), 'snowflake-server-'));
    const trustFile = join(keys, 'trust.json');
    await writeFile(trustFile, JSON.stringify(trust));
    const files = publicKeys.map((_key, index) => join(keys, `${index}.pem`));
    for (const [index, file] of files.entries()) await writeFile(file, publicKeys[index] ?? '');
    const child = spawn(
      python,
      [
        ...['-m', 'server', '--port', '0', '--user', user, '--stop-with-stdin'],
        ...['--max-lock-wait', String(maxLockWait), '--trust', trustFile],
        ...(statements === undefined ? [] : ['--statements', statements]),
        ...files.flatMap((file) => ['--public-key', file]),
      ],
      {
        cwd: folder,
        env: { ...process.env, SNOWFLAKE_SERVER_PASSWORD: password, PYTHONDONTWRITEBYTECODE: '1' },
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    const log: Record<string, unknown>[] = [];
    let other = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.startsWith('{')) log.push(JSON.parse(line) as Record<string, unknown>);
      else other += `${line}\n`;
    });
    const ended = once(child, 'exit');
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      ended.then(() => {
        throw new Error(`The Snowflake server did not start:\n${other}`);
      }),
    ])) as [string];
    const { url } = JSON.parse(line) as { url: string };
    return new SnowflakeServer(url, log, async () => {
      // Either ends it.
      child.stdin.end();
      child.kill('SIGTERM');
      await ended;
      await rm(keys, { recursive: true });
    });
  }

  /** Sets faults. */
  async fault(...faults: Fault[]): Promise<void> {
    await this.#call('POST', '/__faults', faults);
  }

  /** Takes all faults back, the latency too, and forgets the requests so far. */
  async reset(): Promise<void> {
    await this.#call('DELETE', '/__faults');
    await this.#call('DELETE', '/__requests');
  }

  async clearFaults(): Promise<void> {
    await this.#call('DELETE', '/__faults');
  }

  /** The requests since the last reset. */
  async requests(): Promise<WireRequest[]> {
    const { requests } = (await this.#call('GET', '/__requests')) as { requests: WireRequest[] };
    return requests;
  }

  async sessions(): Promise<ServerSession[]> {
    const { sessions } = (await this.#call('GET', '/__sessions')) as { sessions: ServerSession[] };
    return sessions;
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }
}
