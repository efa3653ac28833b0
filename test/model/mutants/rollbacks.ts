import type { Mutant } from './mutant.js';

const rollback = 'src/domain/deployments/rollback.ts';
const sqlRollback = 'src/store/sqlite/deployments/rollback.ts';

/** What runs there, what a rollback returns to, and what is left of it: `histories` notice them. */
export const rollbackMutants: readonly Mutant[] = [
  {
    breaks: 'what never began never ran',
    file: sqlRollback,
    text: 'AND ${endedInTaxonomy}\n      ORDER BY finished_at DESC',
    becomes: "AND status <> 'skipped'\n      ORDER BY finished_at DESC",
  },
  {
    breaks: 'what was cancelled after it had begun ran there',
    file: sqlRollback,
    text: "UNION ALL ${lastEnded('cancelled')}",
    becomes: '',
  },
  {
    breaks: 'of those that began, the one whose attempt ended last runs there',
    file: sqlRollback,
    text: '${endedInTaxonomy}\n      ORDER BY finished_at DESC, created_at DESC, id DESC LIMIT 1',
    becomes: '${endedInTaxonomy}\n      ORDER BY created_at DESC, id DESC LIMIT 1',
  },
  {
    breaks: 'also of those that ended in different ways',
    file: sqlRollback,
    text: ')\n    ORDER BY finished_at DESC, created_at DESC, id DESC LIMIT 1',
    becomes: ')\n    ORDER BY created_at DESC, id DESC LIMIT 1',
  },
  {
    breaks: 'what is in progress runs there before what has ended',
    file: rollback,
    text: "found.find(({ stored }) => stored.deployment.status === 'in_progress') ?? found[0]",
    becomes: 'found.at(-1)',
  },
  {
    breaks: 'of several in progress the newest runs there',
    file: sqlRollback,
    text: '${openInTaxonomy}\n    ORDER BY created_at DESC, id DESC LIMIT 1',
    becomes: '${openInTaxonomy}\n    ORDER BY created_at, id LIMIT 1',
  },
  {
    breaks: 'a rollback that never became deployed is tried again: the same source',
    file: rollback,
    text: 'if (from.deployed_at === null && from.source_deployment_id !== null) {',
    becomes: 'if (false) {',
  },
  {
    breaks: 'a rollback stands at the place of what it copies: never up again',
    file: rollback,
    text: 'from.deployed_at === null ? null : baseDeployedAt;',
    becomes: 'from.deployed_at;',
  },
  {
    breaks: 'a rollback to a rollback stands at the place of the first that was copied',
    file: rollback,
    text: 'source.baseId ?? deployment.id,',
    becomes: 'deployment.id,',
  },
  {
    breaks: 'a rollback returns to what was deployed before what is replaced',
    file: rollback,
    text: 'if (reference !== null && deployedAt >= reference) continue;',
    becomes: '',
  },
  {
    breaks: 'a rollback returns to another version',
    file: rollback,
    text: 'const passedOver = new Set([from.version]);',
    becomes: 'const passedOver = new Set<string>();',
  },
  {
    breaks: 'what was rolled back from is not returned to',
    file: rollback,
    text: 'if (foundBadAt === undefined || foundBadAt < deployedAt) {',
    becomes: 'if (true) {',
  },
  {
    breaks: 'what was deployed after it had been found bad is good again',
    file: rollback,
    text: 'if (foundBadAt === undefined || foundBadAt < deployedAt) {',
    becomes: 'if (foundBadAt === undefined) {',
  },
  {
    breaks: 'rolled back from counts once the rollback was deployed',
    file: 'src/domain/deployments/update.ts',
    text: "replaced: deploys ? { read: 'replacedBy', id } : undefined,",
    becomes: "replaced: { read: 'replacedBy', id },",
  },
  {
    breaks: 'rolled back from counts at all',
    file: 'src/domain/deployments/update.ts',
    text: 'const rolledBack = moves && ',
    becomes: 'const rolledBack = !moves && ',
  },
  {
    breaks: 'while a rollback from the same deployment is scheduled, another is refused',
    file: rollback,
    text: '({ deployment }) => deployment.rollback_from_deployment_id === from.id,',
    becomes: '() => false,',
  },
  {
    breaks: 'a target version is another deployment than the one that is replaced',
    file: rollback,
    text: 'ofVersion.find(({ deployment }) => deployment.id !== from.id)',
    becomes: 'ofVersion[0]',
  },
  {
    breaks: 'a target version has been deployed once',
    file: sqlRollback,
    text: ' AND deployed_at IS NOT NULL',
    becomes: '',
  },
  {
    breaks: 'of a target version the newest is copied',
    file: sqlRollback,
    text: 'ORDER BY created_at DESC, id DESC\n  LIMIT ? + 0',
    becomes: 'ORDER BY created_at, id\n  LIMIT ? + 0',
  },
  {
    breaks: 'a rollback is not auto, whatever it copies',
    file: rollback,
    text: "trigger: 'rollback',\n      auto,",
    becomes: "trigger: 'rollback',",
  },
  {
    breaks: 'a rollback has no deployment_uri of what it copies',
    file: rollback,
    text: '      deployment_uri: null,\n',
    becomes: '',
  },
  {
    breaks: 'the notes of a rollback end at 4,096 characters, not in the middle of one',
    file: rollback,
    text: "Array.from(`${what}: ${reason}`).slice(0, maxNotes).join('')",
    becomes: '`${what}: ${reason}`.slice(0, maxNotes)',
  },
  {
    breaks: 'a lineage follows the sources back to the start',
    file: 'src/domain/deployments/lineage.ts',
    text: 'const copied = follow(deployment, byId, (member) => member.source_deployment_id);',
    becomes:
      'const copied = follow(deployment, byId, (member) => member.rollback_from_deployment_id);',
  },
  {
    breaks: 'a lineage shows rollbacks from rollbacks',
    file: 'src/domain/deployments/lineage.ts',
    text: 'replaced.push(member.id);',
    becomes: '',
  },
];

/** The same, as callers see it who name a deployment: `calls` notice them. */
export const rollbackCallMutants: readonly Mutant[] = [
  {
    breaks: 'a rollback by id is refused for what does not run there',
    file: rollback,
    text: 'if (selected === undefined || running?.stored.deployment.id === selected.id) return running;',
    becomes: 'return running;',
  },
];
