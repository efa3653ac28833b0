import type { Mutant } from './mutant.js';

const lifecycle = 'src/domain/deployments/lifecycle.ts';
const update = 'src/domain/deployments/update.ts';
const autoSkip = 'src/domain/deployments/auto-skip.ts';
const sqlReads = 'src/store/sqlite/deployments/read.ts';
const inputs = 'src/http/inputs.ts';
const tags = 'src/operations/entity-tag.ts';
const idempotency = 'src/domain/idempotency/idempotency.ts';

/** The life table, and what it does to the instants of an attempt: `histories` notice them. */
export const lifeMutants: readonly Mutant[] = [
  {
    breaks: 'a failed deployment cannot be cancelled',
    file: lifecycle,
    text: "failed: ['scheduled', 'in_progress', 'deployed', 'skipped'],",
    becomes: "failed: ['scheduled', 'in_progress', 'deployed', 'skipped', 'cancelled'],",
  },
  {
    breaks: 'a scheduled deployment can be cancelled',
    file: lifecycle,
    text: "scheduled: ['in_progress', 'deployed', 'failed', 'skipped', 'cancelled'],",
    becomes: "scheduled: ['in_progress', 'deployed', 'failed', 'skipped'],",
  },
  {
    breaks: 'a deployment in progress can be put back',
    file: lifecycle,
    text: "in_progress: ['scheduled', 'deployed',",
    becomes: "in_progress: ['deployed',",
  },
  {
    breaks: 'a cancelled deployment is only opened again, not started',
    file: lifecycle,
    text: "cancelled: ['scheduled'],",
    becomes: "cancelled: ['scheduled', 'in_progress'],",
  },
  {
    breaks: 'a skipped deployment is only un-skipped',
    file: lifecycle,
    text: "skipped: ['scheduled'],",
    becomes: "skipped: ['scheduled', 'deployed'],",
  },
  {
    breaks: 'what is deployed can only be found bad',
    file: lifecycle,
    text: "deployed: ['failed'],",
    becomes: "deployed: ['failed', 'scheduled'],",
  },
  {
    breaks: 'the status that a deployment has already is answered 200',
    file: lifecycle,
    text: 'if (from === to) return false;',
    becomes: '',
  },
  {
    breaks: 'back to scheduled clears when the attempt began',
    file: lifecycle,
    text: 'return { started_at: null, finished_at: null, deployed_at: deployed };',
    becomes: 'return { started_at: started, finished_at: null, deployed_at: deployed };',
  },
  {
    breaks: 'what is deployed at once began then',
    file: lifecycle,
    text: 'return { started_at: started ?? at, finished_at: at, deployed_at: at };',
    becomes: 'return { started_at: started, finished_at: at, deployed_at: at };',
  },
  {
    breaks: 'what had not begun has not ended, and found bad later changes no instant',
    file: lifecycle,
    text: "const ends = from === 'in_progress';",
    becomes: 'const ends = true;',
  },
];

/** Auto-skip, events, what inputs mean, entity tags, idempotency: `calls` notice them. */
export const deploymentMutants: readonly Mutant[] = [
  {
    breaks: 'becoming deployed skips older ones',
    file: update,
    text: 'const skips = moves && older !== undefined',
    becomes: 'const skips = !moves && older !== undefined',
  },
  {
    breaks: 'newer ones are not skipped',
    file: sqlReads,
    text: '(older.created_at, older.id) < (newer.created_at, newer.id)\n    AND (?3',
    becomes: '(older.created_at, older.id) <> (newer.created_at, newer.id)\n    AND (?3',
  },
  {
    breaks: 'only those of the same taxonomy are skipped',
    file: sqlReads,
    text: "older.taxonomy_key = newer.taxonomy_key AND older.status = 'scheduled'",
    becomes: "older.organisation = newer.organisation AND older.status = 'scheduled'",
  },
  {
    breaks: 'the event of an auto-skip names the newer one',
    file: autoSkip,
    text: "cause: 'auto_skip', deploymentId: deployedId,",
    becomes: "cause: 'auto_skip', deploymentId: null,",
  },
  {
    breaks: 'a change of notes leaves an event that says so',
    file: 'src/domain/deployments/events.ts',
    text: "['status', 'notes', 'deployment_uri', 'approvals'] as const",
    becomes: "['status', 'deployment_uri', 'approvals'] as const",
  },
  {
    breaks: 'a change of notes alone is a change',
    file: update,
    text: 'const isSame = !moves && notes === before.notes && uri === before.deployment_uri;',
    becomes: 'const isSame = !moves;',
  },
  {
    breaks: 'what changes nothing leaves no event',
    file: update,
    text: 'const isSame = !moves && notes === before.notes && uri === before.deployment_uri;',
    becomes: 'const isSame = false;',
  },
  {
    breaks: 'the case of an environment does not matter',
    file: inputs,
    text: 'values[name] = sent.toLowerCase();',
    becomes: 'values[name] = sent;',
  },
  {
    breaks: 'empty and blank means absent in a query',
    file: inputs,
    text: 'if (isBlank(values[name])) Reflect.deleteProperty(values, name);',
    becomes: '',
  },
  {
    breaks: 'empty and blank means absent in a body',
    file: inputs,
    text: 'if (isBlank(body[name])) body[name] = null;',
    becomes: 'continue;',
  },
  {
    breaks: 'a tag that a proxy made weak or gave a suffix still matches',
    file: tags,
    text: '/(?:W\\/)?"([^"]*?)(?:(?:--?|;)(?:x-)?(?:gzip|gz|br|deflate|zstd|compress))?"/g',
    becomes: '/"([^"]*?)"/g',
  },
  {
    breaks: 'If-Match of a former state is refused',
    file: tags,
    text: 'if (header === undefined || hasTag(header, etag)) return;',
    becomes: 'return;',
  },
  {
    breaks: 'the same key and request give the first answer again',
    file: 'src/domain/idempotency/once.ts',
    text: 'response === undefined ? changes : { ...changes, response }',
    becomes: 'changes',
  },
  {
    breaks: 'the same key with another request is refused',
    file: idempotency,
    text: 'if (first.fingerprint === request.fingerprint) return',
    becomes: 'return',
  },
  {
    breaks: 'the id of another organisation is unknown',
    file: sqlReads,
    text: 'AS stamp FROM deployments WHERE id = ? AND organisation = ?',
    becomes: 'AS stamp FROM deployments WHERE id = ? AND ? IS NOT NULL',
  },
];

/** Whose an `Idempotency-Key` is: `callers` notice them. */
export const callerMutants: readonly Mutant[] = [
  {
    breaks: "the keys of a repository are no other repository's",
    file: 'src/domain/callers/caller.ts',
    text: 'return `repository ${job?.repositoryId ?? repository}`;',
    becomes: "return 'repository';",
  },
  {
    breaks: 'the keys of a repository stay its own when it is renamed',
    file: 'src/domain/callers/caller.ts',
    text: '${job?.repositoryId ?? repository}',
    becomes: '${repository}',
  },
  {
    breaks: "the keys of a person are nobody else's",
    file: 'src/domain/callers/caller.ts',
    text: "return actor === null ? '' : `person ${actor}`;",
    becomes: "return '';",
  },
];
