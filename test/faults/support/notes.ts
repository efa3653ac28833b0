import { readFileSync } from 'node:fs';
import type { Note } from './turns.js';

/**
 * What a holder runs: it notes when it begins and ends, by appending, so that nothing of it is lost with it. Who is
 * told to stop, since the lease was lost, notes that as well.
 */
export const holderScript = `
  note() { echo "$1 $DEPLOYMENT_ID $FENCE $(date +%s%3N)" >> "$NOTES"; }
  trap 'note end; exit 1' TERM
  note begin
  echo "$$ $LEASE_TOKEN"
  sleep "$HOLD_SECONDS"
  note end`;

/** What holders have noted, in the order in which they did. */
export function readNotes(path: string): Note[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line): Note => {
    const [what, id = '', fence, at] = line.split(' ');
    if (what !== 'begin' && what !== 'end') throw new Error(`A broken note: ${line}`);
    return { what, id, fence: Number(fence), at: Number(at) };
  });
}
