import { membershipBody, userBody, type GitHubUser, type Membership } from './github-bodies.js';
import type { GitHubOperation } from './github-contract.js';
import type { TokenKind } from './github-tokens.js';

/** Why GitHub keeps a token of a member away from an organisation. */
export type Barrier =
  | 'saml'
  | 'no_permission'
  | 'app_blocked'
  | 'classic_forbidden'
  | 'fine_grained_forbidden'
  | 'token_lifetime'
  | 'ip_allow_list';

/** What a token stands for. Organisations are keyed by their name in lower case. */
export interface Grant {
  readonly kind: TokenKind;
  /** Nobody, for an installation token. */
  readonly user: GitHubUser | undefined;
  readonly scopes: readonly string[];
  readonly memberships: ReadonlyMap<string, Membership>;
  readonly barriers: ReadonlyMap<string, Barrier>;
}

/** A response before rate limit and request id are added. */
export interface GitHubResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>> | readonly unknown[];
}

/** Where GitHub's documentation describes an operation; its errors carry the address. */
export const DOCUMENTATION: Readonly<Record<GitHubOperation, string>> = {
  '/user': 'https://docs.github.com/rest/users/users#get-the-authenticated-user',
  '/user/memberships/orgs':
    'https://docs.github.com/rest/orgs/members#list-organization-memberships-for-the-authenticated-user',
  '/user/memberships/orgs/{org}':
    'https://docs.github.com/rest/orgs/members#get-an-organization-membership-for-the-authenticated-user',
};

/** What GitHub says without a token that it knows. */
export function unauthenticated(
  operation: GitHubOperation,
  token: string | undefined,
): GitHubResponse {
  if (token === undefined) return error(401, 'Requires authentication', DOCUMENTATION[operation]);
  // A JWT signs an App in; GitHub tries to read one, an OIDC token included, and says that it cannot.
  if (token.startsWith('eyJ') && token.split('.').length === 3) {
    return error(401, 'A JSON web token could not be decoded', 'https://docs.github.com/rest');
  }
  return error(401, 'Bad credentials', 'https://docs.github.com/rest');
}

/**
 * `GET /user`: works with every token of a person and needs no scope or permission; an installation is not a person.
 *
 * Source: https://docs.github.com/en/rest/users/users#get-the-authenticated-user
 */
export function userResponse(api: string, grant: Grant): GitHubResponse {
  const operation = '/user';
  const accepted = acceptedBy(grant, '', 'allows_permissionless_access=true');
  if (!grant.user)
    return error(403, 'Resource not accessible by integration', DOCUMENTATION[operation], accepted);
  return {
    status: 200,
    headers: accepted,
    body: userBody(api, grant.user, grant.scopes.includes('user')),
  };
}

/**
 * `GET /user/memberships/orgs`: all memberships but those that the token is kept away from.
 *
 * Source: https://docs.github.com/en/rest/orgs/members#list-organization-memberships-for-the-authenticated-user
 */
export function membershipsResponse(
  api: string,
  grant: Grant,
  query: URLSearchParams,
): GitHubResponse {
  const operation = '/user/memberships/orgs';
  const { user, scopes, memberships, barriers } = grant;
  const accepted = acceptedBy(grant, MEMBERSHIP_SCOPES.join(', '), 'members=read');
  if (!user) {
    return error(403, 'Resource not accessible by integration', DOCUMENTATION[operation], accepted);
  }
  if (hasScopes(grant) && !scopes.some((scope) => MEMBERSHIP_SCOPES.includes(scope))) {
    const message = 'You need at least read:org scope or user scope to list your memberships.';
    return error(403, message, DOCUMENTATION[operation], accepted);
  }
  const state = query.get('state');
  const perPage = Math.min(Number(query.get('per_page') ?? 30), 100);
  const body = [...memberships]
    .filter(([org, one]) => !barriers.has(org) && (state === null || one.state === state))
    .slice(0, perPage)
    .map(([, membership]) => membershipBody(api, user, membership));
  return { status: 200, headers: accepted, body };
}

/**
 * `GET /user/memberships/orgs/{org}`: the membership, also while it is pending; 404 for whoever is not affiliated.
 *
 * Source: https://docs.github.com/en/rest/orgs/members#get-an-organization-membership-for-the-authenticated-user
 */
export function membershipResponse(api: string, grant: Grant, org: string): GitHubResponse {
  const documentation = DOCUMENTATION['/user/memberships/orgs/{org}'];
  const accepted = acceptedBy(grant, MEMBERSHIP_SCOPES.join(', '), 'members=read');
  if (!grant.user)
    return error(403, 'Resource not accessible by integration', documentation, accepted);
  const barrier = grant.barriers.get(org.toLowerCase());
  if (barrier) return refuse(barrier, grant.kind, org, accepted);
  if (hasScopes(grant) && !grant.scopes.some((scope) => MEMBERSHIP_SCOPES.includes(scope))) {
    return error(
      403,
      'You need at least read:org scope or user scope to get your organization membership.',
      documentation,
      accepted,
    );
  }
  const membership = grant.memberships.get(org.toLowerCase());
  if (!membership) return error(404, 'Not Found', documentation, accepted);
  return {
    status: 200,
    headers: accepted,
    body: membershipBody(api, grant.user, membership),
  };
}

/** An error in the form of GitHub's REST API, which repeats the status as a string. */
export function error(
  status: number,
  message: string,
  documentation: string,
  headers: Readonly<Record<string, string>> = {},
): GitHubResponse {
  return {
    status,
    headers,
    body: { message, documentation_url: documentation, status: String(status) },
  };
}

/** The scopes with which GitHub answers for a membership, as its `X-Accepted-OAuth-Scopes` lists them. */
const MEMBERSHIP_SCOPES = ['admin:org', 'read:org', 'repo', 'user', 'write:org'];

function refuse(
  barrier: Barrier,
  kind: TokenKind,
  org: string,
  accepted: Readonly<Record<string, string>>,
): GitHubResponse {
  const documentation = DOCUMENTATION['/user/memberships/orgs/{org}'];
  switch (barrier) {
    case 'saml':
      return error(
        403,
        `Resource protected by organization SAML enforcement. You must grant your ${kind === 'oauth' ? 'OAuth token' : 'Personal Access token'} access to this organization.`,
        'https://docs.github.com/articles/authenticating-to-a-github-organization-with-saml-single-sign-on/',
        {
          ...accepted,
          'x-github-sso': `required; url=https://github.com/orgs/${org}/sso?authorization_request=AZSCKtL4U8yX1H3sCQIVnVgm`,
        },
      );
    case 'no_permission':
      return error(
        403,
        `Resource not accessible by ${kind === 'fine_grained' ? 'personal access token' : 'integration'}`,
        documentation,
        accepted,
      );
    case 'app_blocked':
      return error(
        403,
        'Although you appear to have the correct authorization credentials, the ' +
          `\`${org}\` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited. ` +
          'For more information on these restrictions, including how to enable this app, visit ' +
          'https://docs.github.com/articles/restricting-access-to-your-organization-s-data/',
        documentation,
        accepted,
      );
    case 'classic_forbidden':
      return error(
        403,
        `\`${org}\` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, ` +
          'or a personal access token with fine-grained permissions.',
        documentation,
        accepted,
      );
    case 'fine_grained_forbidden':
      return error(
        403,
        `\`${org}\` forbids access via a fine-grained personal access token. Please use a GitHub App, OAuth App, ` +
          'or a personal access token (classic).',
        documentation,
        accepted,
      );
    case 'token_lifetime':
      return error(
        403,
        `The '${org}' organization forbids access via a fine-grained personal access tokens if the token's ` +
          "lifetime is greater than 366 days. Please adjust your token's lifetime at the following URL: " +
          'https://github.com/settings/personal-access-tokens/12885303',
        documentation,
        accepted,
      );
    case 'ip_allow_list':
      return error(
        403,
        'Although you appear to have the correct authorization credentials, the ' +
          `\`${org}\` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.`,
        documentation,
        accepted,
      );
  }
}

function hasScopes({ kind }: Grant): boolean {
  return kind === 'classic' || kind === 'oauth';
}

/** The headers by which GitHub says what a token has (scopes) or what the operation takes (permissions). */
function acceptedBy(grant: Grant, scopes: string, permissions: string): Record<string, string> {
  return hasScopes(grant)
    ? { 'x-oauth-scopes': grant.scopes.join(', '), 'x-accepted-oauth-scopes': scopes }
    : { 'x-accepted-github-permissions': permissions };
}
