import type { Choice, Tag, Target } from './choices.js';
import { whatRuns } from './design.js';
import type { Entry } from './design.js';
import type { Queue } from './queue.js';
import type { Listing, ModelRequest } from './request.js';

const unknown = '01900000-0000-7000-8000-000000000000';

/**
 * Makes the requests of a choice, each when its turn has come.
 *
 * @param foreign another organisation
 */
export function* resolve(choice: Choice, own: Queue, foreign: Queue): Generator<ModelRequest> {
  const newest = own.entries.at(-1);
  yield resolveOne(choice, own, foreign);
  const made = own.entries.at(-1);
  if (made === undefined || made === newest || !('course' in choice)) return;
  const { id } = made.deployment;
  for (const status of choice.course) yield { kind: 'update', id, body: { status } };
}

function resolveOne(choice: Choice, own: Queue, foreign: Queue): ModelRequest {
  const entryOf = (meant: Target) => find(meant, own, foreign);
  const idOf = (meant: Target) => {
    const id = entryOf(meant)?.deployment.id ?? unknown;
    return meant.upperCase ? id.toUpperCase() : id;
  };
  switch (choice.kind) {
    case 'create':
      return choice;
    case 'release':
      return { kind: 'create', body: choice.body };
    case 'get':
      return {
        kind: 'get',
        id: idOf(choice.target),
        ifNoneMatch: tagOf(entryOf(choice.target), choice.tag),
      };
    case 'update':
      return {
        kind: 'update',
        id: idOf(choice.target),
        ifMatch: tagOf(entryOf(choice.target), choice.tag),
        body: choice.body,
        fault: choice.fault,
      };
    case 'rollbackTaxonomy':
      return { kind: choice.kind, place: choice.place, ...choice.options };
    case 'rollbackDeployment':
      return { kind: choice.kind, id: idOf(choice.target), ...choice.options };
    case 'lineage':
      return { kind: 'lineage', id: idOf(choice.target) };
    case 'events':
      return { kind: 'events', id: idOf(choice.target), limit: choice.limit };
    case 'list':
      return choice;
    case 'next page': {
      const after = nthOf((choice.whose === 'own' ? own : foreign).pages, choice.nth);
      const list: Listing = after?.list ?? { kind: 'list', filter: {} };
      return { ...(choice.other ? another(list, own) : list), limit: choice.limit, after };
    }
    case 'again':
      return again(nthOf([...own.remembered.values()], choice.nth)?.request);
  }
}

function find({ nth, whose }: Target, own: Queue, foreign: Queue): Entry | undefined {
  if (whose === 'nobody') return undefined;
  const meant = nthOf((whose === 'foreign' ? foreign : own).entries, nth);
  if (whose !== 'running' || meant === undefined) return meant;
  const running = whatRuns(own.entries, meant.deployment);
  return own.entries.find(({ deployment }) => deployment === running);
}

function tagOf(entry: Entry | undefined, wanted: Tag): string | undefined {
  const { etag = '"unseen"', formerTags = [] } = entry ?? {};
  const former = formerTags.at(-1) ?? '"none"';
  return {
    none: undefined,
    any: '*',
    current: etag,
    weak: `W/${etag}`,
    gzip: etag.replace(/"$/, '-gzip"'),
    br: `W/${etag.replace(/"$/, ';br"')}`,
    former,
    several: `${former}, ${etag}`,
  }[wanted];
}

/** A list that is not the one of a cursor. */
function another(list: Listing, own: Queue): Listing {
  if (list.kind === 'list') return { kind: 'list', filter: { ...list.filter, provider: 'gcp' } };
  const [oldest] = own.entries;
  return oldest === undefined
    ? { kind: 'list', filter: {} }
    : { kind: 'events', id: oldest.deployment.id };
}

/** The same request, though a body is written in another order. */
function again(request: ModelRequest = { kind: 'list', filter: {} }): ModelRequest {
  if (request.kind !== 'create') return request;
  const { name, version, ...others } = request.body;
  return { ...request, body: { ...others, version, name } };
}

/** The nth from the end, over and over: the newest are the most interesting. */
function nthOf<T>(all: readonly T[], nth: number): T | undefined {
  return all.at(-1 - (nth % all.length));
}
