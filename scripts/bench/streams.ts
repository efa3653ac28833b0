/**
 * Shows how soon streams tell of what is stored, and what they cost.
 *
 *     npm run bench:streams -- [--streams 1,100,1000] [--events 200] [--every-ms 50]
 *
 * So many streams follow the feed of one organisation while deployments are registered one after the other, at an even
 * pace. Of each event and each stream it is measured how long it takes from when the registration is acknowledged to
 * when the stream has it; what comes before that counts as nothing. All of it is read by this process, on the same
 * machine.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hangUp, register } from './queue-calls.js';
import { row, tableHead } from './report.js';
import { startFull } from './servers.js';
import type { BenchServer } from './servers.js';

const { values: options } = parseArgs({
  options: {
    streams: { type: 'string', default: '1,100,1000' },
    events: { type: 'string', default: '200' },
    'every-ms': { type: 'string', default: '50' },
  },
});
const events = Number(options.events);
const everyMs = Number(options['every-ms']);

/** Opens a stream, and tells of each event by its position. */
async function openStream(
  server: BenchServer,
  agent: Agent,
  tell: (position: number) => void,
): Promise<() => void> {
  const sent = request(`${server.url}/v1/events/stream`, { agent });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let rest = '';
  response.setEncoding('latin1').on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, position] = /^id: (\d+)\nevent: deployment/.exec(block) ?? [];
      if (position !== undefined) tell(Number(position));
    }
  });
  response.on('error', () => undefined);
  return () => response.destroy();
}

async function measure(server: BenchServer, streams: number) {
  const agent = new Agent({ maxSockets: Infinity });
  await register(server, 'first');
  await sleep(200);
  const before = server.residentMegabytes();
  /** When each stream had each event, by its position. */
  const arrivals = new Map<number, number[]>();
  const ends = await Promise.all(
    Array.from({ length: streams }, () =>
      openStream(server, agent, (position) => {
        const times = arrivals.get(position) ?? [];
        times.push(performance.now());
        arrivals.set(position, times);
      }),
    ),
  );
  const megabytes = server.residentMegabytes() - before;
  const acknowledged = new Map<number, number>();
  const cpu = server.cpuSeconds();
  for (let nth = 0; nth < events; nth += 1) {
    const start = performance.now();
    await register(server, `component-${nth}`);
    // The first one was there before.
    acknowledged.set(nth + 2, performance.now());
    await sleep(Math.max(everyMs - (performance.now() - start), 0));
  }
  const isWhole = () =>
    [...acknowledged.keys()].every((at) => arrivals.get(at)?.length === streams);
  const patience = performance.now() + 30_000;
  while (!isWhole()) {
    if (performance.now() > patience) throw new Error('Not every stream had every event');
    await sleep(5);
  }
  const used = server.cpuSeconds() - cpu;
  for (const end of ends) end();
  agent.destroy();
  const latencies = [...arrivals].flatMap(([position, times]) =>
    times.map((at) => Math.max(at - (acknowledged.get(position) ?? at), 0)),
  );
  return {
    latencies: latencies.sort((a, b) => a - b),
    megabytes,
    cpuMs: (used * 1000) / events,
  };
}

const folder = await mkdtemp(join(tmpdir(), 'bench-streams-'));
tableHead('streams', 'p50 ms', 'p99 ms', 'longest ms', 'MB', 'CPU ms an event');
for (const streams of options.streams.split(',').map(Number)) {
  const path = join(folder, `${streams}.db`);
  const server = await startFull({ SQLITE_PATH: path, AUTH_ENABLED: 'false' });
  try {
    const { latencies, megabytes, cpuMs } = await measure(server, streams);
    const at = (share: number): string =>
      (
        latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? NaN
      ).toFixed(1);
    row(String(streams), at(0.5), at(0.99), at(1), megabytes.toFixed(0), cpuMs.toFixed(1));
  } finally {
    await server.stop();
  }
}
hangUp();
await rm(folder, { recursive: true });
