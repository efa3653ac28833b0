import type { DeploymentStatus } from '../domain/deployments/deployment.js';
import { defaultEnvironment } from '../domain/environments/environment.js';
import type { Environment, StoredEnvironment } from '../domain/environments/environment.js';
import type {
  Lease,
  OwnEntries,
  Queue,
  QueueEntry,
  QueueHead,
  Turn,
  Waiting,
  Worker,
} from '../domain/queue/entries.js';

/** What is stored of an environment; nothing of it where there is no row. */
export interface EnvironmentRow {
  readonly revision: number;
  readonly settingsRevision: number;
  readonly settings: string | null;
  readonly dueAt: string | null;
}

/** The head of a queue. */
export function toHead(
  organisation: string,
  environment: string,
  row: EnvironmentRow | undefined,
): QueueHead {
  return {
    organisation,
    stored: toEnvironment(environment, row),
    revision: row?.revision ?? 0,
    dueAt: row?.dueAt ?? null,
  };
}

/** The settings of an environment: those that were written, or what holds by default. */
export function toEnvironment(
  name: string,
  row: Pick<EnvironmentRow, 'settings' | 'settingsRevision'> | undefined,
): StoredEnvironment {
  if (row?.settings == null) return defaultEnvironment(name);
  // Written from an environment; the response is validated against the contract as well.
  const written = JSON.parse(row.settings) as Environment;
  const { environment: defaults } = defaultEnvironment(name);
  // What a former version wrote lacks what is newer.
  return { environment: { ...defaults, ...written }, revision: row.settingsRevision };
}

/** The text of settings; NULL where nobody has set any. */
export function settingsText({ environment, revision }: StoredEnvironment): string | null {
  return revision === 0 ? null : JSON.stringify(environment);
}

/** Entries as they were written, each with the status of its deployment; `null` once that is gone. */
export function toQueue(
  head: QueueHead,
  rows: Iterable<{ readonly entry: string; readonly status: DeploymentStatus | null }>,
): Queue {
  const waiting: Queue['waiting'][number][] = [];
  const leases: Lease[] = [];
  const turns: Turn[] = [];
  const workers: Worker[] = [];
  for (const row of rows) {
    const entry = parse(row.entry);
    switch (entry.kind) {
      case 'lease':
        leases.push(entry);
        break;
      case 'waiting':
        waiting.push({ entry, status: row.status });
        break;
      case 'worker':
        workers.push(entry);
        break;
      default:
        turns.push(entry);
    }
  }
  return { head, waiting, leases, turns, workers };
}

/** The entries of one deployment. */
export function toOwnEntries(head: QueueHead, texts: Iterable<string>): OwnEntries {
  let waiting: Waiting | undefined;
  let lease: Lease | undefined;
  for (const text of texts) {
    const entry = parse(text);
    if (entry.kind === 'lease') lease = entry;
    if (entry.kind === 'waiting') waiting = entry;
  }
  return { head, waiting, lease };
}

/** Written by a store, from an entry. */
function parse(text: string): QueueEntry {
  return JSON.parse(text) as QueueEntry;
}
