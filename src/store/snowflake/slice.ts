import type { ChangeSet } from '../../domain/changes.js';
import type { StoredDeployment } from '../../domain/deployments/deployment.js';
import { noControls } from '../../domain/controls/controls.js';
import type { Read, Reads } from '../../domain/reads.js';
import type { Usage } from '../../domain/usage/usage.js';
import type { ControlsCache } from '../controls-cache.js';
import { lineage } from './deployments/lineage.js';
import {
  deployment,
  events,
  eventTo,
  olderScheduled,
  replacedBy,
  skippedBy,
  skippingSince,
} from './deployments/read.js';
import { registeredBefore } from './deployments/remove.js';
import { candidates, ofVersion, pendingRollbacks, running } from './deployments/rollback.js';
import {
  candidatesIn,
  everDeployed,
  inProgressIn,
  runningIn,
  scheduledIn,
} from './deployments/several.js';
import { whereabouts } from './deployments/whereabouts.js';
import type { Row, Statement } from './statement.js';
import { rememberedResponse } from './idempotency.js';
import { mergeParts } from './reader.js';
import type { Question, Reader } from './reader.js';
import { controlsThrough, gateEvents, policyEvents } from './controls.js';
import {
  autoScheduled,
  environments,
  inProgress,
  nextFence,
  ownEntries,
  queue,
  queues,
} from './queue.js';
import { createTaxonomyKeys } from './taxonomy-keys.js';
import type { TaxonomyKeys } from './taxonomy-keys.js';
import { usage } from './usage.js';
import { text, whole } from './values.js';

/** How each read is asked; one that is missing does not compile. */
type Readers = { readonly [Name in keyof Reads]: Reader<Name> };

/** Any of them, as the one who picks it by its name sees it. */
type Ask = (organisation: string, of: Read, keys: TaxonomyKeys) => Question<unknown>;

const readersThrough = (cache: ControlsCache): Readers => ({
  deployment,
  events,
  eventTo,
  lineage,
  olderScheduled,
  skippingSince,
  skippedBy,
  replacedBy,
  running,
  pendingRollbacks,
  candidates,
  ofVersion,
  registeredBefore,
  runningIn,
  candidatesIn,
  inProgressIn,
  scheduledIn,
  everDeployed,
  whereabouts,
  rememberedResponse,
  usage,
  controls: controlsThrough(cache),
  policyEvents,
  gateEvents,
  environments,
  queue,
  queues,
  ownEntries,
  inProgress,
  autoScheduled,
  nextFence,
});

/** The reads of one try of an operation. */
export interface SliceReader {
  /** Whether Snowflake has to be asked for any of these. */
  asks(reads: readonly Read[]): boolean;
  /**
   * The results of reads, in their order, with as few statements as can be.
   *
   * @throws WrongAssumption when something was taken for granted and is not so
   */
  read(reads: readonly Read[]): Promise<unknown[]>;
  /** Whether something was taken for granted, and nobody has been asked about it. */
  assumed(): boolean;
  /** The same of what a decision begins with, as a key and controls: the next try has to ask about that first. */
  mustAsk(): boolean;
  /** Whether a change holds only if the tenant has little enough, where that was assumed. */
  isChecked(changes: ChangeSet): boolean;
  /**
   * A change that was not made from what was read can never be stored.
   *
   * @throws Error
   */
  requireMadeFrom(changes: ChangeSet): void;
}

/** A key that was taken to be new has a response, or controls have changed: try again, with what there is. */
export class WrongAssumption extends Error {
  override readonly name = 'WrongAssumption';
}

/**
 * What the tries of one operation know. `Idempotency-Key`s that nothing is known of are taken to be new, as
 * nearly all are, and controls to be as they were last, as they nearly always are. It is asked about along with
 * what the decision wants to know next; where that is nothing, the change fails on it. In the same way the tenant
 * is taken to have stored nothing, and a change that goes beyond its quota fails on that.
 */
export interface Knowledge {
  /** Whether keys and controls are taken for granted until there is more to ask. */
  readonly optimistic: boolean;
  /** Whether the tenant is taken to have stored nothing. */
  readonly assumesUsage: boolean;
  /** Results that an earlier try has met. */
  readonly met: Map<string, unknown>;
}

/** A read that may be taken for granted. */
type Assumable = Extract<Read, { readonly read: 'rememberedResponse' | 'controls' }>;

/** Nothing is taken for granted. */
const knowsNothing: Knowledge = { optimistic: false, assumesUsage: false, met: new Map() };

/**
 * Starts to read for a try.
 *
 * @param run a statement that changes nothing
 */
export function createSlice(
  run: (statement: Statement) => Promise<Row[]>,
  organisation: string,
  cache: ControlsCache,
  { optimistic, assumesUsage, met }: Knowledge = knowsNothing,
  keys = createTaxonomyKeys(),
): SliceReader {
  const readers = readersThrough(cache);
  /** What was taken for granted, with what it was taken to be. */
  const assumed = new Map<string, { readonly read: Assumable; readonly result: unknown }>();
  /** Whether the tenant was taken to have stored nothing. */
  let usageAssumed = false;
  /** What this try has been told, by which it goes on. */
  const told = new Map<string, unknown>();
  /** Which deployments were read, each with its revision. */
  const states = new Set<string>();

  const isKnown = (read: Read): read is Assumable =>
    isAssumable(read) && (optimistic || met.has(nameOf(read)) || told.has(nameOf(read)));
  const isAssumed = (read: Read): boolean => assumesUsage && read.read === 'usage';

  /** What there is of it without asking: what was met is what there was then, so a further try asks again. */
  function recall(read: Assumable): unknown {
    const name = nameOf(read);
    if (met.has(name)) {
      told.set(name, met.get(name));
      met.delete(name);
    }
    if (told.has(name)) return told.get(name);
    const result = read.read === 'controls' ? (cache.last(organisation) ?? noControls) : undefined;
    assumed.set(name, { read, result });
    return result;
  }

  async function ask(reads: readonly Read[]): Promise<unknown[]> {
    const questions = reads.map((read) => {
      const reader = readers[read.read] as Ask;
      return reader(organisation, read, keys);
    });
    const parts = questions.flatMap((question) => ('part' in question ? [question.part] : []));
    const rows = parts.length === 0 ? [] : await run(mergeParts(parts));
    for (const row of rows) if (row['ID'] !== null) states.add(stateOf(row));
    let part = 0;
    const results: unknown[] = [];
    for (const question of questions) {
      if ('part' in question) {
        const nth = part;
        part += 1;
        results.push(question.parse(rows.filter((row) => row['PART'] === nth)));
      } else results.push(question.parse(await run(question.statement)));
    }
    for (const [nth, { read }] of reads.entries()) {
      if (read === 'deployment' && results[nth] !== undefined) {
        // The reader of this name gives the result of this name.
        keys.note(results[nth] as StoredDeployment);
      }
    }
    return results;
  }

  return {
    asks: (reads) => !reads.every((read) => isKnown(read) || isAssumed(read)),
    assumed: () => assumed.size > 0 || usageAssumed,
    mustAsk: () => assumed.size > 0,
    isChecked: ({ quota }) => !usageAssumed || quota !== undefined,

    async read(reads) {
      if (reads.length > 0 && reads.every(isAssumed)) {
        usageAssumed = true;
        return reads.map(() => nothing);
      }
      if (reads.every(isKnown)) return reads.map(recall);
      const wanted = new Map<string, Read>();
      for (const read of reads) if (!told.has(nameOf(read))) wanted.set(nameOf(read), read);
      for (const [name, { read }] of assumed) wanted.set(name, read);
      const results = await ask([...wanted.values()]);
      for (const [nth, name] of [...wanted.keys()].entries()) told.set(name, results[nth]);
      const wrong = [...assumed].some(([name, { result }]) => told.get(name) !== result);
      if (wrong) {
        for (const name of assumed.keys()) met.set(name, told.get(name));
        throw new WrongAssumption();
      }
      assumed.clear();
      return reads.map((read) => told.get(nameOf(read)));
    },

    requireMadeFrom({ deployments: { updated = [] } = {} }) {
      for (const { from, to } of updated) {
        const { id } = to.deployment;
        if (states.has(`${id} ${from}`)) continue;
        throw new Error(`Deployment ${id} is no longer at revision ${from}`);
      }
    },
  };
}

const nothing: Usage = { deployments: 0, bytes: 0 };

function isAssumable(read: Read): read is Assumable {
  return read.read === 'rememberedResponse' || read.read === 'controls';
}

/** The same for the same question. */
function nameOf(read: Read): string {
  return JSON.stringify(read);
}

function stateOf(row: Row): string {
  return `${text(row, 'ID')} ${whole(row, 'REVISION')}`;
}
