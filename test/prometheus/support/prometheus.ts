import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';

/** What is changed of the configuration of ops. */
interface Configuration {
  global: Record<string, string>;
  rule_files: string[];
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
}

interface RuleFile {
  groups: { rules: { alert?: string; for?: string }[] }[];
}

/** One value of the result of a query. */
export interface QueryResult {
  readonly metric: Record<string, string>;
  readonly value: readonly [time: number, value: string];
}

/** An alert that is pending or fires. */
export interface ActiveAlert {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly state: 'pending' | 'firing';
}

/** A rule as Prometheus has it. */
export interface LoadedRule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

/** A Prometheus of its own, on loopback. */
export interface Prometheus {
  /** The instant value of an expression (https://prometheus.io/docs/prometheus/latest/querying/api/). */
  query(expression: string): Promise<QueryResult[]>;
  alerts(): Promise<ActiveAlert[]>;
  rules(): Promise<LoadedRule[]>;
  targets(): Promise<{ health: string; lastError: string }[]>;
  stop(): Promise<void>;
}

/**
 * Starts Prometheus with the configuration of ops/prometheus, which differs in three things only: it
 * watches the given target, does so every second, and some alerts do not wait before they fire.
 *
 * @param target host and port of a management port
 * @param hurried the alerts that do not wait
 */
export async function startPrometheus(
  target: string,
  hurried: readonly string[],
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-prometheus-'));
  await configure(folder, target, hurried);
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listen}`,
      '--log.level=warn',
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = once(child, 'exit');

  async function ask<T>(path: string): Promise<T> {
    const response = await fetch(`http://${listen}/api/v1/${path}`);
    const { status, data, error } = (await response.json()) as {
      status: string;
      data: T;
      error?: string;
    };
    if (status !== 'success') throw new Error(`Prometheus: ${error ?? response.status}`);
    return data;
  }

  while (!(await isReady(listen))) {
    if (child.exitCode !== null) throw new Error(`Prometheus did not start: ${log}`);
    await sleep(100);
  }
  return {
    query: async (expression) =>
      (await ask<{ result: QueryResult[] }>(`query?query=${encodeURIComponent(expression)}`))
        .result,
    alerts: async () => (await ask<{ alerts: ActiveAlert[] }>('alerts')).alerts,
    rules: async () =>
      (await ask<{ groups: { rules: LoadedRule[] }[] }>('rules')).groups.flatMap(
        ({ rules }) => rules,
      ),
    targets: async () =>
      (await ask<{ activeTargets: { health: string; lastError: string }[] }>('targets'))
        .activeTargets,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function configure(
  folder: string,
  target: string,
  hurried: readonly string[],
): Promise<void> {
  const shipped = (name: string) =>
    readFile(new URL(`../../../ops/prometheus/${name}`, import.meta.url), 'utf8');
  await mkdir(join(folder, 'data'));
  const configuration = parse(await shipped('prometheus.yml')) as Configuration;
  for (const name of configuration.rule_files) {
    const file = parse(await shipped(name)) as RuleFile;
    for (const { rules } of file.groups) {
      for (const rule of rules) if (hurried.includes(rule.alert ?? '')) rule.for = '1s';
    }
    await writeFile(join(folder, name), stringify(file));
  }
  configuration.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  for (const scrape of configuration.scrape_configs) {
    scrape.static_configs = [{ targets: [target] }];
  }
  await writeFile(join(folder, 'prometheus.yml'), stringify(configuration));
}

async function isReady(listen: string): Promise<boolean> {
  try {
    return (await fetch(`http://${listen}/-/ready`)).status === 200;
  } catch {
    return false;
  }
}

/** Prometheus 2 does not tell which port it was given when it asks for any. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
