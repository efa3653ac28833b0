import { createHash } from 'node:crypto';
import type { Statement } from './statement.js';
import { rowsOfPlaces } from './values.js';

/**
 * Takes readings, where keys are enforced: of two changes that rest on the same reading the key admits one. So it
 * does not matter whether a write that has waited for the lock of the other looks at its condition again, of which
 * Snowflake's documentation says nothing.
 *
 * @param readings texts, each of a row and of the state of it that was read
 */
export function takeReadings(readings: readonly string[]): Statement {
  const digests = [...new Set(readings)].map((reading) =>
    createHash('sha256').update(reading).digest('hex').slice(0, 36),
  );
  return {
    sql: `INSERT INTO changes (change_id, made_at, abandoned)
    SELECT column1, SYSDATE()::TIMESTAMP_NTZ(3), FALSE
    FROM VALUES ${rowsOfPlaces(digests.length, 1)}`,
    values: digests,
  };
}
