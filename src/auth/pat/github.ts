import { z } from 'zod';
import type { Owner } from '../../domain/tenants/tenant.js';
import type { Logger } from '../../platform/logging.js';
import type { AskApi, Received } from '../github-requests.js';
import { toLogin } from '../organisation.js';
import { explainRefusal } from './barriers.js';

/** What GitHub says of a token and an organisation. */
export type GitHubResult =
  | {
      readonly kind: 'member';
      readonly login: string;
      readonly owner: Owner;
      readonly role: 'admin' | 'member';
    }
  /** GitHub does not know the token. */
  | { readonly kind: 'unknown-token'; readonly detail: string }
  /** The token's user is no active member, as far as GitHub says; `reason` is for the log. */
  | { readonly kind: 'no-member'; readonly detail: string; readonly reason?: string }
  /** No response to rely on; `limited` when GitHub asks not to be asked until then. */
  | { readonly kind: 'unavailable'; readonly retryAfter: number; readonly limited: boolean };

/** Asks GitHub whether a token's user is an active member of the organisation with a login, in lower case. */
export type AskGitHub = (token: string, organisation: string) => Promise<GitHubResult>;

/** Where lines go. Each is of a token that somebody sent, so there can be as many as they like. */
type Lines = Pick<Logger, 'warn' | 'error'>;

const retryAfter = 5;
/** GitHub's advice for a secondary rate limit without `retry-after`, in seconds. */
const secondaryWait = 60;
const maxWait = 3600;

const userBody = z.object({ login: z.string().min(1) });
const membershipBody = z.object({
  state: z.enum(['active', 'pending']),
  // Also `billing_manager`, who is no owner.
  role: z.string(),
  organization: z.object({ login: z.string(), id: z.int().positive() }),
});
const errorBody = z.object({ message: z.string() });

/**
 * Asks GitHub by its REST API: `GET /user` (https://docs.github.com/en/rest/users/users) and
 * `GET /user/memberships/orgs/{org}` (https://docs.github.com/en/rest/orgs/members).
 */
export function createGitHubClient(api: AskApi, log: Lines): AskGitHub {
  return async (token, organisation) => {
    const authorization = `Bearer ${token}`;
    const user = await api('/user', { authorization });
    const trouble = troubleOf(user, log);
    if (trouble !== undefined) return trouble;
    if (user?.status === 403) {
      const refusal = isInstallation(user) ? notAPerson : readRefusal(user, organisation);
      if (refusal !== undefined) return refusal;
    }
    const login = userBody.safeParse(user?.body);
    if (user?.status !== 200 || !login.success) return unusable(user, log);

    const template = '/user/memberships/orgs/{org}';
    const path = `/user/memberships/orgs/${encodeURIComponent(organisation)}`;
    const membership = await api(path, { authorization, template });
    return (
      troubleOf(membership, log) ??
      readMembership(membership, login.data.login, organisation) ??
      unusable(membership, log)
    );
  };
}

function readMembership(
  received: Received | undefined,
  login: string,
  organisation: string,
): GitHubResult | undefined {
  if (received?.status === 200) {
    const membership = membershipBody.safeParse(received.body);
    if (!membership.success) return undefined;
    const { state, role, organization } = membership.data;
    if (toLogin(organization.login) !== organisation) return undefined;
    const owner = { id: String(organization.id), login: organisation };
    if (state === 'active') {
      return { kind: 'member', login, owner, role: role === 'admin' ? 'admin' : 'member' };
    }
    return noMember(organisation, 'has not yet accepted the invitation to the organisation');
  }
  return readRefusal(received, organisation);
}

/** What GitHub has against the token. A 403 or 404 without a message of GitHub's comes from something in between. */
function readRefusal(
  received: Received | undefined,
  organisation: string,
): GitHubResult | undefined {
  if (received?.status !== 403 && received?.status !== 404) return undefined;
  const message = messageOf(received);
  if (message === undefined) return undefined;
  return { kind: 'no-member', ...explainRefusal({ ...received, message }, organisation) };
}

function noMember(organisation: string, what: string): GitHubResult {
  return { kind: 'no-member', detail: `The token's user ${what} ${organisation}` };
}

/** Whether `GET /user`, which is for people, says that the token is an installation's, whatever it looks like. */
function isInstallation(received: Received): boolean {
  return /by integration/i.test(messageOf(received) ?? '');
}

const notAPerson: GitHubResult = {
  kind: 'unknown-token',
  detail:
    "The token is an installation's and does not say who you are; in GitHub Actions, send the job's OIDC token",
};

/** What is wrong before the response can mean anything: nobody's token, a limit, or no response. */
function troubleOf(received: Received | undefined, log: Lines): GitHubResult | undefined {
  if (received === undefined) return { kind: 'unavailable', retryAfter, limited: false };
  const { status } = received;
  if (status === 401) {
    return { kind: 'unknown-token', detail: 'GitHub does not know the token: expired or revoked?' };
  }
  const wait = limitOf(received);
  if (wait === undefined) return undefined;
  log.warn({ status, retryAfter: wait }, 'GitHub limits the rate of requests');
  return { kind: 'unavailable', retryAfter: wait, limited: true };
}

/**
 * For how many seconds GitHub asks not to be asked, when it does
 * (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
 */
function limitOf(received: Received): number | undefined {
  const { status, headers } = received;
  if (status !== 403 && status !== 429) return undefined;
  const after = Number(headers.get('retry-after') ?? NaN);
  if (after > 0) return Math.min(Math.ceil(after), maxWait);
  if (headers.get('x-ratelimit-remaining') === '0') {
    const reset = Number(headers.get('x-ratelimit-reset') ?? NaN) - Date.now() / 1000;
    return reset > 0 ? Math.min(Math.ceil(reset), maxWait) : retryAfter;
  }
  const limited = /rate limit|login attempts/i.test(messageOf(received) ?? '');
  return status === 429 || limited ? secondaryWait : undefined;
}

/** 5xx, redirects, a retired API version, JSON of another shape: not the caller's fault. */
function unusable(received: Received | undefined, log: Lines): GitHubResult {
  log.error({ status: received?.status }, 'GitHub gave a response that makes no sense here');
  return { kind: 'unavailable', retryAfter, limited: false };
}

/** What GitHub says; `undefined` when the response is not in its form. */
function messageOf({ body }: Received): string | undefined {
  const parsed = errorBody.safeParse(body);
  return parsed.success ? parsed.data.message : undefined;
}
