import type { Choice, Tag, Target } from './choices.js';
import { isReleased } from './design.js';
import type { Queue } from './queue.js';
import type { ModelRequest } from './request.js';

const unknown = '01900000-0000-7000-8000-000000000000';

/**
 * Makes the requests of a choice, each when its turn has come.
 *
 * @param foreign another organisation
 */
export function* resolve(choice: Choice, own: Queue, foreign: Queue): Generator<ModelRequest> {
  const newest = own.entries.at(-1);
  if (choice.kind === 'release') yield { kind: 'create', body: choice.body };
  else yield resolveOne(choice, own, foreign);
  const made = own.entries.at(-1);
  if (made === undefined || made === newest) return;
  const { id } = made.deployment;
  if (choice.kind === 'release') yield { kind: 'update', id, body: { status: 'deployed' } };
  if (choice.kind === 'rollbackTaxonomy' && choice.then !== undefined) {
    yield { kind: 'update', id, body: { status: choice.then } };
  }
}

type Single = Exclude<Choice, { kind: 'release' }>;

function resolveOne(choice: Single, own: Queue, foreign: Queue): ModelRequest {
  const entryOf = ({ nth, whose }: Target) => {
    if (whose === 'nobody') return undefined;
    if (whose === 'foreign') return nthOf(foreign.entries, nth);
    if (whose === 'own') return nthOf(own.entries, nth);
    return own.entries.findLast(({ deployment }) => isReleased(deployment.status));
  };
  const idOf = (meant: Target) => {
    const id = entryOf(meant)?.deployment.id ?? unknown;
    return meant.upperCase ? id.toUpperCase() : id;
  };
  const tagOf = (meant: Target, wanted: Tag) => {
    const { etag = '"unseen"', formerTags = [] } = entryOf(meant) ?? {};
    const former = formerTags.at(-1) ?? '"none"';
    return {
      none: undefined,
      any: '*',
      current: etag,
      weak: `W/${etag}`,
      former,
      several: `${former}, ${etag}`,
    }[wanted];
  };
  switch (choice.kind) {
    case 'create':
      return choice;
    case 'get':
      return {
        kind: 'get',
        id: idOf(choice.target),
        ifNoneMatch: tagOf(choice.target, choice.tag),
      };
    case 'update':
      return {
        kind: 'update',
        id: idOf(choice.target),
        ifMatch: tagOf(choice.target, choice.tag),
        body: choice.body,
      };
    case 'rollbackTaxonomy':
      return { kind: choice.kind, place: choice.place, target: choice.version, key: choice.key };
    case 'rollbackDeployment':
      return {
        kind: choice.kind,
        id: idOf(choice.target),
        target: choice.version,
        key: choice.key,
      };
    case 'lineage':
    case 'events':
      return { kind: choice.kind, id: idOf(choice.target) };
    case 'list':
      return choice;
    case 'next page': {
      const after = nthOf((choice.whose === 'own' ? own : foreign).pages, choice.nth);
      const filter = choice.other ? { ...after?.filter, provider: 'gcp' } : (after?.filter ?? {});
      return { kind: 'list', filter, limit: choice.limit, after };
    }
    case 'again':
      return again(nthOf([...own.remembered.values()], choice.nth)?.request);
  }
}

/** The same request, though a body is written in another order. */
function again(request: ModelRequest = { kind: 'list', filter: {} }): ModelRequest {
  if (request.kind !== 'create') return request;
  return { ...request, body: Object.fromEntries(Object.entries(request.body).reverse()) };
}

/** The nth from the end, over and over: the newest are the most interesting. */
function nthOf<T>(all: readonly T[], nth: number): T | undefined {
  return all.at(-1 - (nth % all.length));
}
