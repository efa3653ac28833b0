import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { environment } from '../faults/support/environment.js';
import { logLines, Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import type { Random } from '../support/random.js';
import { openLine } from '../support/line.js';
import type { NetworkPlace } from './network.js';
import type { PostgresServer } from './server.js';

/** How a process reaches its database, and how that is cut. */
export interface Way {
  /** How Node is run there; as here, when nothing is said. */
  readonly command?: readonly [string, ...string[]];
  readonly settings: Readonly<Record<string, string>>;
  /** Nothing passes from now on. */
  cut(): void;
  mend(): void;
  /** Leads to another server of this machine from now on, where that is possible. */
  lead?(port: number): void;
  end(): Promise<void>;
}

/** Through a port of this process, where everything stops, or connections are cut as well. */
export async function lineTo(url: string, random: Random): Promise<Way> {
  const through = new URL(url);
  const line = await openLine(Number(through.port));
  through.port = String(line.port);
  return {
    settings: { DATABASE_URL: through.href },
    cut: () => {
      line.hold();
    },
    mend: () => {
      if (random.next() < 0.5) line.cut();
      line.release();
    },
    lead: (port) => {
      line.cut();
      line.lead(port);
    },
    end: () => line.stop(),
  };
}

/** Over a network of its own. */
export function networkTo(url: string, place: NetworkPlace): Way {
  const { command, host, databaseHost } = place;
  const through = new URL(url);
  through.hostname = databaseHost;
  return {
    command,
    // Without authentication it answers nobody but this machine, unless it is a demonstration.
    settings: { DATABASE_URL: through.href, HOST: host, MANAGEMENT_HOST: host, DEMO: 'true' },
    cut: () => {
      place.cut();
    },
    mend: () => {
      place.mend();
    },
    end: () => Promise.resolve(),
  };
}

/** One process of several; it is started again whenever it has ended. */
export class Member {
  readonly way: Way;
  /** What it said when it ended by itself, or that it has failed at something that it should have been ready for. */
  readonly faults: string[] = [];
  readonly #processes: Processes;
  #service: ServiceProcess | undefined;
  #ending: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  private constructor(way: Way, processes: Processes) {
    this.way = way;
    this.#processes = processes;
  }

  static async create(way: Way): Promise<Member> {
    const member = new Member(way, await Processes.create(way.command));
    member.#running = member.#keepRunning();
    return member;
  }

  /** Where it is, if it runs. */
  get url(): string | undefined {
    return this.#service?.apiUrl;
  }

  /** @param name ends it, or stops it where it is until it is to go on */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#service?.signal(name);
  }

  /** Ends it for good, once. */
  end(): Promise<void> {
    return (this.#ending ??= this.#end());
  }

  async #end(): Promise<void> {
    // Whoever keeps it running sees that it is to end.
    await Promise.resolve();
    await this.#processes.dispose();
    await this.#running;
    await this.way.end();
  }

  async #keepRunning(): Promise<void> {
    const settings = {
      ...environment,
      // One organisation sends as much as the services get done, which is more than its rate.
      RATE_LIMIT_PER_SECOND: '0',
      STORE: 'postgres',
      POSTGRES_TIMEOUT_MS: '3000',
      POSTGRES_POOL_WAIT_MS: '2000',
      OVERLOAD_LAG_MS: '0',
      ...this.way.settings,
    };
    while (this.#ending === undefined) {
      try {
        const service = await this.#processes.start(settings, 'dist/main.js');
        this.#service = service;
        await service.exited;
        this.#service = undefined;
        const { code, stdout, stderr } = await service.ended;
        if (code !== null) this.faults.push(`It ended with ${code}: ${stderr}`);
        this.faults.push(
          ...logLines(stdout)
            .filter(isFault)
            .map((line) => JSON.stringify(line)),
        );
      } catch {
        // It cannot start while its database is away.
        await sleep(100);
      } finally {
        this.#service = undefined;
      }
    }
  }
}

/** Whether a line of the log tells of an error other than that the store is out of reach. */
function isFault({ level, err }: Record<string, unknown>): boolean {
  return Number(level) >= 50 && (err as { code?: string } | undefined)?.code !== 'unavailable';
}

/**
 * Does something at random moments, each time once others have got on, until it has been done often enough or everything
 * ends.
 *
 * @param got how far others have got
 */
export async function atRandom(
  random: Random,
  times: number,
  got: () => number,
  signal: AbortSignal,
  act: () => unknown,
): Promise<void> {
  for (let nth = 0; nth < times && !signal.aborted; nth += 1) {
    const enough = got() + random.next() * 20;
    // Some wait for a lease to run out, however fast others are.
    for (let waited = 0; got() < enough && waited < 10_000; waited += 20) {
      await sleep(20);
    }
    await sleep(random.next() * 500);
    await act();
  }
}

/** Ends all connections to a database, or some of them, as an operator does. */
export async function endConnections(
  server: PostgresServer,
  database: string,
  share: number,
): Promise<number> {
  const client = new pg.Client(server.url('postgres'));
  // The server may end meanwhile.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND random() < $2',
      [database, share],
    );
    return rowCount ?? 0;
  } catch {
    return 0;
  } finally {
    await client.end().catch(() => undefined);
  }
}
