import { randomBytes } from 'node:crypto';
import type { Link } from './driver.js';

/** The id of a change. It begins with the time, so that the index of all of them grows at one end. */
export function newChangeId(): string {
  const hex = Date.now().toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * Finds out what became of a change whose COMMIT got no answer, and sees to it that it stays that way: writes the
 * row that the change writes last, unless it is there. Should the change still be under way, only one of the two
 * rows can be written: if ours is, the change fails.
 *
 * @returns whether the change was stored; when not, it never will be
 */
export async function settle(link: Link, changeId: string): Promise<boolean> {
  const [, found] = await Promise.all([
    link.query({ sql: abandon, values: [changeId] }),
    link.query({ sql: lookUp, values: [changeId] }),
  ]);
  return found[0]?.['abandoned'] === false;
}

const abandon = `
  INSERT INTO changes (change_id, made_at, abandoned) VALUES ($1, now(), TRUE)
  ON CONFLICT (change_id) DO NOTHING`;

const lookUp = 'SELECT abandoned FROM changes WHERE change_id = $1';
