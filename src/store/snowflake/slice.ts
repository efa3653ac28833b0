import type { ChangeSet } from '../../domain/changes.js';
import type { Read, Reads } from '../../domain/reads.js';
import type { Usage } from '../../domain/usage/usage.js';
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
import { whereabouts } from './deployments/whereabouts.js';
import type { Row, Statement } from './driver.js';
import { rememberedResponse } from './idempotency.js';
import { mergeParts } from './reader.js';
import type { Question, Reader } from './reader.js';
import { usage } from './usage.js';
import { text, whole } from './values.js';

/** How each read is asked; one that is missing does not compile. */
const readers: {
  readonly [Name in keyof Reads]: Reader<Name>;
} = {
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
  whereabouts,
  rememberedResponse,
  usage,
};

/** The reads of one try of an operation. */
export interface SliceReader {
  /** Whether Snowflake has to be asked for any of these. */
  asks(reads: readonly Read[]): boolean;
  /**
   * The results of reads, in their order, with as few statements as can be.
   *
   * @throws KeyInUse when a key was taken to be new and is not
   */
  read(reads: readonly Read[]): Promise<unknown[]>;
  /** Whether something was assumed, and nobody has been asked about it. */
  assumed(): boolean;
  /** Whether a change holds only if the tenant has little enough, where that was assumed. */
  isChecked(changes: ChangeSet): boolean;
  /**
   * A change that was not made from what was read can never be stored.
   *
   * @throws Error
   */
  requireMadeFrom(changes: ChangeSet): void;
}

/** A key that was taken to be new has a response: try again, the response is there. */
export class KeyInUse extends Error {
  override readonly name = 'KeyInUse';
}

/** What a try knows of `Idempotency-Key`s, and of how much the tenant has stored. */
export interface KeyKnowledge {
  /**
   * Whether a key that nothing is known of is taken to be new, as nearly all are. It is asked about along
   * with what the decision wants to know next; where that is nothing, the change fails on it. In the same way
   * the tenant is taken to have stored nothing, and a change that goes beyond its quota fails on that.
   */
  readonly optimistic: boolean;
  /** Responses that an earlier try has met. */
  readonly responses: Map<string, unknown>;
}

/**
 * Starts to read for a try.
 *
 * @param run a statement that changes nothing
 */
export function createSlice(
  run: (statement: Statement) => Promise<Row[]>,
  organisation: string,
  { optimistic, responses }: KeyKnowledge = { optimistic: false, responses: new Map() },
): SliceReader {
  /** Keys that were taken to be new. */
  let assumed: KeyRead[] = [];
  /** Whether the tenant was taken to have stored nothing. */
  let usageAssumed = false;
  /** Which deployments were read, each with its revision. */
  const states = new Set<string>();

  const isKnown = (read: Read): read is KeyRead =>
    read.read === 'rememberedResponse' && (optimistic || responses.has(read.key));
  const isAssumed = (read: Read): boolean => optimistic && read.read === 'usage';

  async function ask(reads: readonly Read[]): Promise<unknown[]> {
    const questions = reads.map((read) => questionOf(organisation, read));
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
    return results;
  }

  return {
    asks: (reads) => !reads.every((read) => isKnown(read) || isAssumed(read)),
    assumed: () => assumed.length > 0 || usageAssumed,
    isChecked: ({ quota }) => !usageAssumed || quota !== undefined,

    async read(reads) {
      if (reads.length > 0 && reads.every(isAssumed)) {
        usageAssumed = true;
        return reads.map(() => nothing);
      }
      if (reads.every(isKnown)) {
        assumed.push(...reads.filter(({ key }) => !responses.has(key)));
        return reads.map(({ key }) => take(responses, key));
      }
      const keys = assumed;
      const results = await ask([...reads, ...keys]);
      assumed = [];
      const met = results.splice(reads.length);
      for (const [nth, { key }] of keys.entries()) {
        if (met[nth] !== undefined) responses.set(key, met[nth]);
      }
      if (keys.some(({ key }) => responses.has(key))) throw new KeyInUse();
      return results;
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

type KeyRead = Extract<Read, { readonly read: 'rememberedResponse' }>;

/** What was met is what there was then: a further try asks again. */
function take(responses: Map<string, unknown>, key: string): unknown {
  const response = responses.get(key);
  responses.delete(key);
  return response;
}

function stateOf(row: Row): string {
  return `${text(row, 'ID')} ${whole(row, 'REVISION')}`;
}

function questionOf(organisation: string, read: Read): Question<unknown> {
  const reader = readers[read.read] as (organisation: string, of: Read) => Question<unknown>;
  return reader(organisation, read);
}
