import type { Deployment, EnvironmentSettings, FeedEvent } from '../../client/contract.js';

/** A deployment that waits for people to approve it. */
export interface Unapproved {
  readonly deployment: Deployment;
  /** How many of them its environment asks for. */
  readonly required: number;
}

/** Of what waits in an environment, what lacks approvals. Rollbacks need none. */
export function unapprovedOf(deployments: readonly Deployment[], required: number): Unapproved[] {
  return deployments
    .filter(({ status, trigger, approvals }) => {
      return status === 'scheduled' && trigger !== 'rollback' && approvals.length < required;
    })
    .map((deployment) => ({ deployment, required }));
}

/** In the order in which they are shown. */
export function newestFirst(unapproved: readonly Unapproved[]): readonly Unapproved[] {
  return [...unapproved].sort((a, b) =>
    a.deployment.created_at < b.deployment.created_at ? 1 : -1,
  );
}

/** What still waits for approval after something has happened. */
export function unapprovedAfter(
  unapproved: readonly Unapproved[],
  events: readonly FeedEvent[],
): readonly Unapproved[] {
  const ids = new Set(events.map(({ deployment_id: id }) => id));
  if (!unapproved.some(({ deployment }) => ids.has(deployment.id))) return unapproved;
  return unapproved.flatMap((one) => {
    const own = events.filter(({ deployment_id: id }) => id === one.deployment.id);
    if (own.some(({ to_status: status }) => status !== 'scheduled')) return [];
    const deployment = own.reduce(approvedBy, one.deployment);
    return deployment.approvals.length < one.required ? [{ ...one, deployment }] : [];
  });
}

function approvedBy(deployment: Deployment, event: FeedEvent): Deployment {
  const { cause, actor, repository, occurred_at, reason } = event;
  if (cause !== 'approval') return deployment;
  const { approvals } = deployment;
  if (approvals.some((approval) => isSame(approval.actor, actor))) return deployment;
  const approval = { actor, repository, approved_at: occurred_at, reason };
  return { ...deployment, approvals: [...approvals, approval] };
}

/** How many people have to approve in each environment that asks for it. */
export function approversOf(settings: readonly EnvironmentSettings[]): ReadonlyMap<string, number> {
  return new Map(
    settings
      .filter(({ required_approvals: required }) => required > 0)
      .map(({ environment, required_approvals: required }) => [environment, required]),
  );
}

/** What somebody has to know of an approval that is missing. */
export interface Asked {
  /** `0 of 2 have approved`. */
  readonly count: string;
  /** Who has approved by now; nothing while nobody has. */
  readonly by: string | undefined;
  /** Why whoever looks cannot approve; nothing where the board knows of nothing. */
  readonly whyNot: string | undefined;
}

/** @param login who looks, where the board knows that */
export function askedOf({ deployment, required }: Unapproved, login: string | undefined): Asked {
  const { approvals } = deployment;
  const names = approvals.map(nameOf);
  return {
    count: `${approvals.length} of ${required} ${required === 1 ? 'has' : 'have'} approved`,
    by: names.length === 0 ? undefined : names.join(', '),
    whyNot: whyNotApprove(deployment, login),
  };
}

function nameOf({ actor, repository }: Deployment['approvals'][number]): string {
  return actor ?? repository ?? 'somebody';
}

/** Who has approved, and why: `octocat: Looked at the dashboard`. */
export function approvalInWords(approval: Deployment['approvals'][number]): string {
  const name = nameOf(approval);
  return approval.reason === null ? name : `${name}: ${approval.reason}`;
}

/**
 * Why somebody cannot approve a deployment; nothing where the board knows of nothing.
 *
 * @param login who looks, where the board knows that
 */
export function whyNotApprove(
  { approvals, created_by_actor: registrant }: Deployment,
  login: string | undefined,
): string | undefined {
  if (login === undefined) return undefined;
  if (isSame(registrant, login)) return 'You have registered it: somebody else has to approve it';
  const isRepeated = approvals.some(({ actor }) => isSame(actor, login));
  return isRepeated ? 'You have approved it: somebody else has to as well' : undefined;
}

function isSame(a: string | null, b: string | null): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}
