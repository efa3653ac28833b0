import type { Caller } from '../callers/caller.js';
import type { DeploymentUpdate } from '../deployments/deployment.js';
import type { Controls } from '../controls/controls.js';
import { describeTaxonomy } from '../deployments/taxonomy.js';
import type { Taxonomy } from '../deployments/taxonomy.js';
import { ApplicationError } from '../errors.js';
import { isWithin, mayOverlap } from '../scopes/overlap.js';
import { describeScope } from '../scopes/scope.js';
import type { Scope } from '../scopes/scope.js';
import { compilePolicies } from './compiled.js';
import type { CompiledPolicy } from './compiled.js';
import type { AccessDecision, Action } from './policy.js';

/** The events of pull requests, whose jobs may run what somebody from outside has written. */
const pullRequestEvents: readonly string[] = ['pull_request', 'pull_request_target'];

/** What is asked of policies. */
export interface AccessRequest {
  readonly caller: Caller;
  readonly action: Action;
  /** Where: in one place, or in each of several; `undefined` for `read` and `configure`, which are about none. */
  readonly where: Taxonomy | Scope | undefined;
}

/** What is decided, before it is put into words: most of the time nobody reads them. */
type Verdict = Pick<AccessDecision, 'allowed' | 'decided_by'> &
  Partial<Pick<AccessDecision, 'policy' | 'rule' | 'policies'>> & {
    /** Why, as the end of a sentence. */
    readonly because: string;
    /** Whether somebody can change it. */
    readonly changeable: boolean;
  };

/**
 * Decides whether a caller may take an action, and says why: a pure function of who asks and the policies.
 *
 * 1. Everybody may read, and while authentication is off do all.
 * 2. Jobs of pull requests may do nothing else.
 * 3. Owners may configure, whatever policies say, and so may a job that a policy lets.
 * 4. Where policies cover the place, what a rule of theirs allows is allowed, and nothing else.
 * 5. Everywhere else, owners may override, and jobs and members may do all of the rest.
 */
export function decideAccess(request: AccessRequest, controls: Controls): AccessDecision {
  return inWords(request, judge(request, controls));
}

/** Whether the policies allow it. */
export function mayAccess(request: AccessRequest, controls: Controls): boolean {
  return judge(request, controls).allowed;
}

/**
 * Refuses what the policies do not allow.
 *
 * @throws ApplicationError `forbidden`, with what refused it and who can change that
 */
export function requireAccess(request: AccessRequest, controls: Controls): void {
  const verdict = judge(request, controls);
  if (verdict.allowed) return;
  const access = inWords(request, verdict);
  const change = access.changeable_by ?? 'nobody';
  throw new ApplicationError('forbidden', `${access.detail}; ${change} can change that`, {
    access,
  });
}

function judge(request: AccessRequest, controls: Controls): Verdict {
  const { caller, action, where } = request;
  if (action === 'read') return everybodyReads;
  if (caller.source === 'development') return authenticationOff;
  const event = caller.job?.eventName;
  if (event != null && pullRequestEvents.includes(event)) {
    return {
      allowed: false,
      decided_by: 'pull_request',
      because: `jobs of the event ${event} may only read, whatever policies say`,
      changeable: false,
    };
  }
  if (action === 'configure') {
    if (caller.role === 'admin') return ownersConfigure;
    return grantOf(request, compilePolicies(controls)) ?? onlyOwnersConfigure;
  }
  if (where === undefined || controls.policies.length === 0) return byDefault(request);
  const all = compilePolicies(controls).filter((policy) => policy.isAboutPlaces);
  const about = all.filter((policy) =>
    'organisation' in where ? policy.covers(where) : mayOverlap(policy.scope, where),
  );
  if (about.length === 0) return byDefault(request);
  const names = about.map(({ name }) => name);
  const granted =
    'organisation' in where ? grantOf(request, about) : grantInEach(request, where, about);
  if (granted !== undefined) return { ...granted, policies: names };
  const which = names.length === 1 ? 'the policy' : 'the policies';
  return {
    allowed: false,
    decided_by: 'policy',
    policies: names,
    because: `no rule of ${which} ${names.join(', ')} allows it`,
    changeable: true,
  };
}

/** What holds where no policy is about it. */
function byDefault({ caller, action }: AccessRequest): Verdict {
  return action === 'override' && caller.role !== 'admin' ? onlyOwnersOverride : noPolicyCovers;
}

const everybodyReads: Verdict = {
  allowed: true,
  decided_by: 'default',
  because: 'everybody of the organisation may read',
  changeable: false,
};
const authenticationOff: Verdict = {
  allowed: true,
  decided_by: 'authentication_off',
  because: 'authentication is off',
  changeable: false,
};
const ownersConfigure: Verdict = {
  allowed: true,
  decided_by: 'owner',
  because: 'owners may change policies and environments, whatever policies say',
  changeable: false,
};
const onlyOwnersConfigure: Verdict = {
  allowed: false,
  decided_by: 'default',
  because:
    'policies and environments are changed by owners, and by a workflow that a policy lets configure',
  changeable: true,
};
const onlyOwnersOverride: Verdict = {
  allowed: false,
  decided_by: 'default',
  because: 'where no policy says otherwise, owners override gates',
  changeable: true,
};
const noPolicyCovers: Verdict = {
  allowed: true,
  decided_by: 'default',
  because: 'no policy covers this place, where jobs and members may',
  changeable: true,
};

/**
 * What allows it in each place of a scope: a policy that covers all of it, or else all policies that cover any of
 * it, where what is left is allowed by default.
 */
function grantInEach(
  request: AccessRequest,
  scope: Scope,
  about: readonly CompiledPolicy[],
): Verdict | undefined {
  const covering = about.filter((policy) => isWithin(scope, policy.scope));
  const granted = grantOf(request, covering);
  if (granted !== undefined) return granted;
  const isAllowed = about.every((policy) => policy.ruleFor(request.caller, request.action) >= 0);
  return isAllowed && byDefault(request).allowed ? grantOf(request, about) : undefined;
}

/** The first rule that allows it. */
function grantOf(
  { caller, action }: AccessRequest,
  policies: readonly CompiledPolicy[],
): Verdict | undefined {
  for (const policy of policies) {
    const { name } = policy;
    const rule = policy.ruleFor(caller, action);
    if (rule < 0) continue;
    return {
      allowed: true,
      decided_by: 'policy',
      policy: name,
      rule,
      policies: [name],
      because: `rule ${rule} of the policy ${name} allows it`,
      changeable: true,
    };
  }
  return undefined;
}

/** Where something is, in words. */
function describeWhere(where: Taxonomy | Scope): string {
  return 'organisation' in where ? describeTaxonomy(where) : describeScope(where);
}

function inWords({ caller, action, where }: AccessRequest, verdict: Verdict): AccessDecision {
  const { allowed, decided_by, policy = null, rule = null, policies = [] } = verdict;
  const place = where === undefined ? '' : ` in ${describeWhere(where)}`;
  const may = allowed ? 'may' : 'may not';
  return {
    action,
    allowed,
    decided_by,
    policy,
    rule,
    policies,
    detail: `${whoIs(caller)} ${may} ${action}${place}: ${verdict.because}`,
    changeable_by: verdict.changeable ? `the owners of ${caller.organisation}` : null,
  };
}

function whoIs({ source, repository, actor, role, organisation }: Caller): string {
  switch (source) {
    case 'oidc':
      return `A job of ${repository ?? organisation}`;
    case 'pat':
      return `${actor ?? 'A person'}, ${role === 'admin' ? 'an owner' : 'a member'},`;
    case 'development':
      return 'Everybody';
  }
}

/** What an update does, of which all must be allowed. */
export function actionsOf({ status, notes, deployment_uri: uri }: DeploymentUpdate): Action[] {
  const reports = notes !== undefined || uri !== undefined;
  const moves = status === undefined ? [] : [movedBy[status]];
  return [...new Set<Action>([...moves, ...(reports ? (['report'] as const) : [])])];
}

const movedBy: Readonly<Record<NonNullable<DeploymentUpdate['status']>, Action>> = {
  scheduled: 'register',
  in_progress: 'start',
  deployed: 'report',
  failed: 'report',
  skipped: 'cancel',
  cancelled: 'cancel',
};
