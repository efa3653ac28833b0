import { randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Identity } from '../domain/deployments/deployment.js';

/** Where instants and ids come from. */
export interface Clock {
  /** Now, RFC 3339 in UTC with milliseconds. */
  now(): string;
  /** A new id and the instant in it; later ones sort after earlier ones. */
  newIdentity(): Identity;
}

/**
 * The clock of this process. It never goes back: when the machine's clock does, it stands still
 * until that has caught up, so that what is created later is never older.
 */
export function createClock(): Clock {
  let latest = 0;
  let lastIdentityAt = 0;
  let sequence = 0;
  const advance = (): number => (latest = Math.max(latest, Date.now()));
  return {
    now: () => new Date(advance()).toISOString(),
    newIdentity() {
      let milliseconds = advance();
      // Within a millisecond the 32 bits after it count up (RFC 9562, section 6.2, method 1), from
      // anywhere in the lower quarter so that there is room, and by steps of any size so that a gap
      // does not tell one tenant what others create.
      sequence =
        milliseconds === lastIdentityAt ? sequence + randomInt(1, 2 ** 16) : randomInt(2 ** 30);
      // A machine's clock that was set back leaves all identities of hours to one millisecond. When that is
      // full, the next one begins early (as above, "counter rollover handling").
      if (sequence >= 2 ** 32) {
        milliseconds = latest += 1;
        sequence = randomInt(2 ** 30);
      }
      lastIdentityAt = milliseconds;
      return {
        id: uuidv7({ msecs: milliseconds, seq: sequence }),
        at: new Date(milliseconds).toISOString(),
      };
    },
  };
}
