/** A user of the double. */
export interface GitHubUser {
  readonly login: string;
  readonly id: number;
  /** Members that replace those of the bodies below, also with something GitHub would never send. */
  readonly profile: Readonly<Record<string, unknown>>;
}

export type MembershipState = 'active' | 'pending';
export type MembershipRole = 'admin' | 'member' | 'billing_manager';

/** The body of `GET /user`; with private members when the token may see them. */
export function userBody(
  api: string,
  user: GitHubUser,
  withPrivateMembers: boolean,
): Record<string, unknown> {
  const visible = {
    ...simpleUser(api, user),
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    notification_email: null,
    public_repos: 8,
    public_gists: 0,
    followers: 20,
    following: 1,
    created_at: '2011-01-25T18:44:36Z',
    updated_at: '2026-01-22T11:25:31Z',
  };
  const hidden = {
    user_view_type: 'private',
    private_gists: 3,
    total_private_repos: 5,
    owned_private_repos: 5,
    disk_usage: 1024,
    collaborators: 2,
    two_factor_authentication: true,
    plan: { name: 'pro', space: 976_562_499, collaborators: 0, private_repos: 9999 },
  };
  return { ...visible, ...(withPrivateMembers ? hidden : {}), ...user.profile };
}

/** A membership of a person. */
export interface Membership {
  /** The organisation's name as GitHub spells it. */
  readonly org: string;
  readonly orgId: number;
  readonly state: MembershipState;
  readonly role: MembershipRole;
}

/** The body of `GET /user/memberships/orgs/{org}`. */
export function membershipBody(
  api: string,
  user: GitHubUser,
  { org, orgId, state, role }: Membership,
): Record<string, unknown> {
  return {
    url: `${api}/orgs/${org}/memberships/${user.login}`,
    state,
    role,
    organization_url: `${api}/orgs/${org}`,
    user: simpleUser(api, user),
    organization: {
      login: org,
      id: orgId,
      node_id: Buffer.from(`012:Organization${orgId}`).toString('base64'),
      url: `${api}/orgs/${org}`,
      repos_url: `${api}/orgs/${org}/repos`,
      events_url: `${api}/orgs/${org}/events`,
      hooks_url: `${api}/orgs/${org}/hooks`,
      issues_url: `${api}/orgs/${org}/issues`,
      members_url: `${api}/orgs/${org}/members{/member}`,
      public_members_url: `${api}/orgs/${org}/public_members{/member}`,
      avatar_url: `https://avatars.githubusercontent.com/u/${orgId}?v=4`,
      description: null,
    },
  };
}

function simpleUser(api: string, { login, id }: GitHubUser): Record<string, unknown> {
  const url = `${api}/users/${login}`;
  return {
    login,
    id,
    node_id: Buffer.from(`04:User${id}`).toString('base64'),
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `https://github.com/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: 'User',
    user_view_type: 'public',
    site_admin: false,
  };
}
