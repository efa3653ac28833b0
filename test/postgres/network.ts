import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

/** A place in the network of its own, with a way to the database and another one to its callers. */
export interface NetworkPlace {
  /** How a program is run in it. */
  readonly command: readonly [string, ...string[]];
  /** Where it is, for its callers. */
  readonly host: string;
  /** The database's address, as it is seen from there. */
  readonly databaseHost: string;
  /** From now on no packet passes between it and the database. */
  cut(): void;
  mend(): void;
  remove(): void;
}

/** Private addresses of which hardly anybody makes use. */
const range = `10.${randomInt(200, 250)}`;

/** Why there can be no such places here; `undefined` when there can be. */
export function obstacleToNetworks(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    const name = nameOf('try');
    ip('netns', 'add', name);
    ip('netns', 'delete', name);
    return undefined;
  } catch (error) {
    return `ip netns (iproute2) is not to be had: ${(error as Error).message.split('\n').join(' ')}`;
  }
}

/** Makes a place, with addresses by its number. */
export function createPlace(number: number): NetworkPlace {
  const name = nameOf(String(number));
  const ways = { calls: 2 * number, database: 2 * number + 1 };
  const addresses = (way: keyof typeof ways) => {
    const network = `${range}.${ways[way]}`;
    return { here: `${network}.1`, there: `${network}.2` };
  };
  const outside = (way: keyof typeof ways): string => `${name}${way[0] ?? ''}`;
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  for (const way of ['calls', 'database'] as const) {
    const { here, there } = addresses(way);
    ip('link', 'add', outside(way), 'type', 'veth', 'peer', 'name', way, 'netns', name);
    ip('address', 'add', `${here}/24`, 'dev', outside(way));
    ip('-n', name, 'address', 'add', `${there}/24`, 'dev', way);
    ip('link', 'set', outside(way), 'up');
    ip('-n', name, 'link', 'set', way, 'up');
  }
  return {
    command: ['ip', 'netns', 'exec', name, process.execPath],
    host: addresses('calls').there,
    databaseHost: addresses('database').here,
    cut: () => {
      ip('link', 'set', outside('database'), 'down');
    },
    mend: () => {
      ip('link', 'set', outside('database'), 'up');
    },
    remove: () => {
      // The pair of each end is gone with it.
      for (const way of ['calls', 'database'] as const) ip('link', 'delete', outside(way));
      ip('netns', 'delete', name);
    },
  };
}

/** The names of interfaces have no more than fifteen characters. */
function nameOf(what: string): string {
  return `dq${process.pid.toString(36)}-${what}`;
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Addresses of such places, as pg_hba.conf names them. */
export const placesAccess = `host all all ${range}.0.0/16 trust`;
