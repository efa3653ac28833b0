import type { Mutant } from './mutant.js';

const turns = 'src/domain/queue/turns.ts';
const closed = 'src/domain/gates/closed.ts';
const locks = 'src/domain/gates/locks.ts';
const freezes = 'src/domain/gates/freezes.ts';
const approve = 'src/domain/deployments/approve.ts';
const lifecycle = 'src/domain/deployments/lifecycle.ts';
const update = 'src/domain/deployments/update.ts';
const claim = 'src/domain/queue/claim.ts';
const expire = 'src/domain/queue/expire.ts';
const work = 'src/domain/queue/work.ts';

/** Which gates are closed, for whom and until when: `claims` notice them. */
export const gateMutants: readonly Mutant[] = [
  {
    breaks: 'gates: nothing starts under a lease while one is closed',
    file: turns,
    text: "blockers.push(...closed.map((gate) => ({ kind: 'gate', gate }) as const));",
    becomes: '',
  },
  {
    breaks: 'gates: nothing becomes in_progress without a claim while one is closed',
    file: update,
    text: 'if (starts && override === undefined) requireOpen(gates, before);',
    becomes: '',
  },
  {
    breaks: 'gates: whoever waits before one keeps its turn where every version has its turn',
    file: turns,
    text: "const isPassedOver = closed.length > 0 && settings.order !== 'oldest';",
    becomes: 'const isPassedOver = closed.length > 0;',
  },
  {
    breaks: 'gates: whoever waits before one that opens by the clock is woken then',
    file: turns,
    text: 'const all = [...ends, ...lapses, ...openings, ',
    becomes: 'const all = [...ends, ...lapses, ',
  },
  {
    breaks: 'gates: each is for the places of its scope',
    file: closed,
    text: 'const passes = (isRollback && gate.allowsRollbacks) || !gate.covers(place);',
    becomes: 'const passes = isRollback && gate.allowsRollbacks;',
  },
  {
    breaks: 'gates: rollbacks pass those that allow them',
    file: closed,
    text: 'const passes = (isRollback && gate.allowsRollbacks) || !gate.covers(place);',
    becomes: 'const passes = !gate.covers(place);',
  },
  {
    breaks: 'gates: rollbacks pass none that does not allow them',
    file: closed,
    text: 'const passes = (isRollback && gate.allowsRollbacks) || !gate.covers(place);',
    becomes: 'const passes = isRollback || !gate.covers(place);',
  },
  {
    breaks: 'gates: what is blocked says who closed it',
    file: closed,
    text: 'const owner = gate.created_by_actor ?? gate.created_by_repo;',
    becomes: 'const owner = gate.created_by_repo;',
  },
  {
    breaks: 'gates: what is blocked says until when a freeze is closed',
    file: closed,
    text: "describe('freeze', freeze, stretch.until)",
    becomes: "describe('freeze', freeze, null)",
  },
  {
    breaks: 'gates: a lock opens when it expires',
    file: closed,
    text: '(isExpired(lock, at) ? undefined : closed)',
    becomes: '(at === "" ? undefined : closed)',
  },
  {
    breaks: 'gates: a lock that has expired is not released',
    file: locks,
    text: 'if (lock !== undefined && !isExpired(lock, at)) return lock;',
    becomes: 'if (lock !== undefined) return lock;',
  },
  {
    breaks: 'gates: locks stack',
    file: locks,
    text: 'locks: [...lastingLocks(controls, at), lock]',
    becomes: 'locks: [lock]',
  },
  {
    breaks: 'gates: to release one lock releases no other',
    file: locks,
    text: 'lastingLocks(controls, at).filter(({ gate }) => gate.id !== id)',
    becomes: 'lastingLocks(controls, at).filter(({ gate }) => gate.id === "")',
  },
  {
    breaks: 'gates: to delete one freeze deletes no other',
    file: freezes,
    text: 'lastingFreezes(controls, at).filter(({ gate }) => gate.id !== id)',
    becomes: 'lastingFreezes(controls, at).filter(({ gate }) => gate.id === "")',
  },
  {
    breaks: 'gates: the release of a lock is told with its reason',
    file: locks,
    text: "{ type: 'lock.released', reason, lock }",
    becomes: "{ type: 'lock.released', reason: lock.reason, lock }",
  },
  {
    breaks: 'gates: a freeze that would be over is refused',
    file: freezes,
    text: 'if (isOver(freeze, at)) {',
    becomes: 'if (isOver(freeze, "")) {',
  },
  {
    breaks: 'gates: a rollback may place a lock',
    file: 'src/domain/deployments/rollback.ts',
    text: '      ...(lock\n',
    becomes: '      ...(lock && at === ""\n',
  },
  {
    breaks: 'gates: the lock of a rollback lets rollbacks pass',
    file: locks,
    text: "scope: scopeOf(rollback), reason, allow: ['rollback'] }",
    becomes: 'scope: scopeOf(rollback), reason, allow: [] }',
  },
  {
    breaks: 'gates: an outcome is recorded with those that stood closed',
    file: update,
    text: "new Set(['in_progress', 'deployed', 'failed'])",
    becomes: "new Set(['in_progress'])",
  },
  {
    breaks: 'gates: queue_ttl_seconds cancels nothing while one is closed',
    file: expire,
    text: 'if (closedFor(deployment, controls, settings, at).length > 0) {',
    becomes: 'if (closedFor(deployment, controls, settings, at).length > 9) {',
  },
  {
    breaks: 'gates: time before a closed one does not count for queue_ttl_seconds',
    file: expire,
    text: 'put.push({ ...entry, readySince: at });',
    becomes: '',
  },
];

/** Who has to approve, and who may override: `claims` notice them. */
export const approvalMutants: readonly Mutant[] = [
  {
    breaks: 'approvals: so many people have to give them',
    file: closed,
    text: 'return missing <= 0 ? closed :',
    becomes: 'return missing <= 1 ? closed :',
  },
  {
    breaks: 'approvals: rollbacks need none',
    file: closed,
    text: 'const missing = isRollback ? 0 : settings',
    becomes: 'const missing = settings',
  },
  {
    breaks: 'approvals: twice by one person is once',
    file: approve,
    text: 'if (isRepeated) return',
    becomes: 'if (isRepeated && at === "") return',
  },
  {
    breaks: 'approvals: nobody approves the own deployment',
    file: approve,
    text: '  requireOther(deployment, caller);',
    becomes: '',
  },
  {
    breaks: 'approvals: a login is the same in upper case',
    file: approve,
    text: 'return a?.toLowerCase() === b?.toLowerCase();',
    becomes: 'return a === b;',
  },
  {
    breaks: 'approvals: they are for what is to start',
    file: approve,
    text: 'if (!mayBeClaimed(status)) {',
    becomes: "if (status === 'in_progress') {",
  },
  {
    breaks: 'approvals: whoever waits goes with the last one',
    file: approve,
    text: '...(told && { queue: changeOfHead(head, { put: [told], removed: [] }) }),',
    becomes: '',
  },
  {
    breaks: 'approvals: those that there are count for a claim',
    file: claim,
    text: 'approvals: deployment.approvals.length,',
    becomes: 'approvals: 0,',
  },
  {
    breaks: 'approvals: those that there are count for a worker',
    file: work,
    text: 'approvals: deployment.approvals.length,',
    becomes: 'approvals: 0,',
  },
  {
    breaks: 'approvals: they end with the attempt',
    file: lifecycle,
    text: 'const ends = moves && isEnd(status) && deployment.approvals.length > 0;',
    becomes: 'const ends = false;',
  },
  {
    breaks: 'approvals: a rejection cancels',
    file: approve,
    text: "nextState(found, { status: 'cancelled' }, at)",
    becomes: "nextState(found, { status: 'skipped' }, at)",
  },
  {
    breaks: 'approvals: only what waits is rejected',
    file: approve,
    text: "if (deployment.status !== 'scheduled') {",
    becomes: "if (deployment.status === 'deployed') {",
  },
  {
    breaks: 'override: a claim that does so passes gates',
    file: claim,
    text: 'overrides: override !== undefined,',
    becomes: 'overrides: false,',
  },
  {
    breaks: 'override: a claim is refused to those who may not',
    file: claim,
    text: "requireAccess({ caller, action: 'override', where: found.deployment }, controls);",
    becomes: '',
  },
  {
    breaks: 'override: a change of the status is refused to those who may not',
    file: update,
    text: "requireAccess({ caller, action: 'override', where: found.deployment }, controls);",
    becomes: '',
  },
  {
    breaks: 'override: a claim that does so tells why, and of which gates',
    file: claim,
    text: '{ cause: overriding(override), gates }',
    becomes: '{ cause: overriding(override) }',
  },
  {
    breaks: 'override: a change of the status that does so tells why',
    file: update,
    text: 'const cause = overrides ? overriding(override) : isLate',
    becomes: 'const cause = isLate',
  },
  {
    breaks: 'override: what stands open is not overridden',
    file: update,
    text: 'const overrides = starts && override !== undefined && gates.length > 0;',
    becomes: 'const overrides = starts && override !== undefined;',
  },
];

/** What comes together too seldom in what is made up: `gateExamples` notice it. */
export const seldomGateMutants: readonly Mutant[] = [
  {
    breaks: 'gates: whoever is passed over takes no turn of its taxonomy away',
    file: turns,
    text: 'if (!isPassedOver) turns.push([]);',
    becomes: 'turns.push([]);',
  },
  {
    breaks: 'approvals: workers take an older version that has them while the newest has none',
    file: work,
    text: "const approvals = order === 'newest' ? required : 0;",
    becomes: 'const approvals = 0;',
  },
  {
    breaks:
      'approvals: where every version has its turn, workers take none before one that lacks them',
    file: work,
    text: "const approvals = order === 'newest' ? required : 0;",
    becomes: 'const approvals = required;',
  },
  {
    breaks: 'approvals: those of an attempt whose lease ran out are none of a claim',
    file: claim,
    text: 'closedFor(target.deployment, controls, settings, at)',
    becomes: 'closedFor(found.deployment, controls, settings, at)',
  },
  {
    breaks: 'gates: whoever waits before one is passed over',
    file: turns,
    text: "const isPassedOver = closed.length > 0 && settings.order !== 'oldest';",
    becomes: 'const isPassedOver = false;',
  },
  {
    breaks: 'approvals: what is put back keeps them',
    file: lifecycle,
    text: 'const ends = moves && isEnd(status) && deployment.approvals.length > 0;',
    becomes: "const ends = moves && status !== 'in_progress' && deployment.approvals.length > 0;",
  },
  {
    breaks: 'approvals: those of an attempt whose lease ran out are none of the next one',
    file: update,
    text: 'closedFor(before, controls, head.stored.environment, at)',
    becomes: 'closedFor(found.deployment, controls, head.stored.environment, at)',
  },
];
