/**
 * Shows how soon streams tell of what is stored, and what they cost.
 *
 *     npm run bench:streams -- [--streams 1,100,999] [--events 200] [--every-ms 50]
 *
 * So many streams follow the feed of one organisation while deployments are registered one after the other, at an even
 * pace. Of each event and each stream it is measured how long it takes from when the registration is acknowledged to
 * when the stream has it; what comes before that counts as nothing. Where there is a Chromium, somebody looks at the
 * board meanwhile, and it is measured when the frame is drawn that shows the event: its stream is one more, of the
 * 1,000 that an organisation may have. All of it is read on the same machine, by this process and the browser.
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
import { quantile, row, tableHead } from './report.js';
import { openScreen } from './screen.js';
import type { Screen } from './screen.js';
import { startFull } from './servers.js';
import type { BenchServer } from './servers.js';

const { values: options } = parseArgs({
  options: {
    streams: { type: 'string', default: '1,100,999' },
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

/** The component whose registration has this position in the feed. */
const nameAt = (position: number): string => `component-${position}`;

/** Latencies in milliseconds at shares of all of them; dashes when nothing was measured. */
const shownAt = (latencies: readonly number[], ...shares: readonly number[]): string[] =>
  shares.map((share) => (latencies.length === 0 ? '–' : quantile(latencies, share).toFixed(1)));

async function measure(server: BenchServer, screen: Screen | undefined, streams: number) {
  const agent = new Agent({ maxSockets: Infinity });
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
    // The first one was there before.
    const position = nth + 2;
    await register(server, nameAt(position));
    acknowledged.set(position, performance.now());
    await sleep(Math.max(everyMs - (performance.now() - start), 0));
  }
  let onScreen: ReadonlyMap<string, number> = new Map();
  const isWhole = async () => {
    if (screen) onScreen = await screen.seen();
    const arrived = [...acknowledged.keys()].every((at) => arrivals.get(at)?.length === streams);
    return arrived && (!screen || onScreen.size > events);
  };
  const patience = performance.now() + 30_000;
  while (!(await isWhole())) {
    if (performance.now() > patience)
      throw new Error('Not every stream, or the screen, had every event');
    await sleep(5);
  }
  const used = server.cpuSeconds() - cpu;
  for (const end of ends) end();
  agent.destroy();
  const streamed = [...arrivals].flatMap(([position, times]) =>
    times.map((at) => Math.max(at - (acknowledged.get(position) ?? at), 0)),
  );
  const shown = [...acknowledged].flatMap(([position, at]) => {
    const drawn = onScreen.get(nameAt(position));
    return drawn === undefined ? [] : [Math.max(drawn - performance.timeOrigin - at, 0)];
  });
  return { streamed, shown, megabytes, cpuMs: (used * 1000) / events };
}

const folder = await mkdtemp(join(tmpdir(), 'bench-streams-'));
tableHead(
  'streams',
  'p50 ms',
  'p99 ms',
  'longest ms',
  'screen p50 ms',
  'screen p99 ms',
  'MB',
  'CPU ms an event',
);
for (const streams of options.streams.split(',').map(Number)) {
  const path = join(folder, `${streams}.db`);
  const server = await startFull({ SQLITE_PATH: path, AUTH_ENABLED: 'false' });
  await register(server, 'first');
  const screen = await openScreen(server.url);
  if (!screen) console.error('There is no Chromium, so no screen is measured (see CHROMIUM)');
  try {
    const { streamed, shown, megabytes, cpuMs } = await measure(server, screen, streams);
    const latencies = [...shownAt(streamed, 0.5, 0.99, 1), ...shownAt(shown, 0.5, 0.99)];
    row(String(streams), ...latencies, megabytes.toFixed(0), cpuMs.toFixed(1));
  } finally {
    await screen?.close();
    await server.stop();
  }
}
hangUp();
await rm(folder, { recursive: true });
