import { LRUCache } from 'lru-cache';
import type { Controls } from '../domain/controls/controls.js';

/** How many organisations' controls are remembered at most, and how many characters as JSON. */
const maxSets = 10_000;
const maxChars = 16 * 1024 * 1024;
/** What controls take beside their JSON. */
const overhead = 100;

/**
 * The controls of organisations as they were last read, so that what was read is taken apart once, and its
 * globs are compiled once. Controls never change; their revision and their instant tell them from all others.
 */
export interface ControlsCache {
  /** What was read last of an organisation. */
  last(organisation: string): Controls | undefined;
  /**
   * The controls of a revision.
   *
   * @param read gives their text, see `controlsText`, when they are not remembered
   */
  get(
    organisation: string,
    of: Pick<Controls, 'revision' | 'changedAt'>,
    read: () => string,
  ): Controls;
  /** Remembers controls that are stored. */
  put(organisation: string, controls: Controls): void;
  /** Forgets everything: some of it may have been read in a transaction that was not committed. */
  clear(): void;
}

/** Remembers controls. */
export function createControlsCache(): ControlsCache {
  const sets = new LRUCache<string, Controls>({ max: maxSets, maxSize: maxChars });
  return {
    last: (organisation) => sets.get(organisation),
    get(organisation, { revision, changedAt }, read) {
      const known = sets.get(organisation);
      if (known?.revision === revision && known.changedAt === changedAt) return known;
      const text = read();
      const controls = { revision, changedAt, ...withKnown(parseControls(text), known) };
      sets.set(organisation, controls, { size: text.length + overhead });
      return controls;
    },
    put(organisation, controls) {
      sets.set(organisation, controls, { size: controlsText(controls).length + overhead });
    },
    clear() {
      sets.clear();
    },
  };
}

type Content = Omit<Controls, 'revision' | 'changedAt'>;

/**
 * What is stored of controls: the policies, as versions of before there were gates read them, or an object once
 * there is a gate.
 */
export function controlsText({ policies, locks, freezes, calendars }: Content): string {
  const isPlain = locks.length + freezes.length + calendars.length === 0;
  return JSON.stringify(isPlain ? policies : { policies, locks, freezes, calendars });
}

/**
 * With the freezes that are known already, as they never change: what was found of their calendar is remembered by
 * the object.
 */
function withKnown(content: Content, known: Controls | undefined): Content {
  if (known === undefined || known.freezes.length === 0) return content;
  const freezes = new Map(known.freezes.map((kept) => [kept.gate.id, kept]));
  return {
    ...content,
    freezes: content.freezes.map((kept) => freezes.get(kept.gate.id) ?? kept),
  };
}

function parseControls(text: string): Content {
  // Written by the service, from controls.
  const content = JSON.parse(text) as Controls['policies'] | Content;
  return 'policies' in content
    ? content
    : { policies: content, locks: [], freezes: [], calendars: [] };
}
