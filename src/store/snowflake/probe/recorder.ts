import type { Connect, Link } from '../driver.js';
import type { Statement } from '../statement.js';

/** A request that was sent, and how long it took, in milliseconds. */
export interface Recorded {
  /** None of a heartbeat. */
  readonly statements: readonly Statement[];
  readonly ms: number;
}

/** Logs in as before, and tells of each request. */
export function recording(connect: Connect, record: (request: Recorded) => void): Connect {
  const timed = async <T>(statements: readonly Statement[], call: Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await call;
    } finally {
      record({ statements, ms: performance.now() - started });
    }
  };
  return async () => {
    const link: Link = await connect();
    return {
      query: (statement) => timed([statement], link.query(statement)),
      batch: (statements) => timed(statements, link.batch(statements)),
      isUp: () => link.isUp(),
      heartbeat: () => timed([], link.heartbeat()),
      close: () => link.close(),
    };
  };
}
