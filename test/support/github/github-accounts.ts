import type { Barrier, Grant } from './github-responses.js';
import type { GitHubUser, MembershipState } from './github-bodies.js';
import { randomToken, type TokenKind } from './github-tokens.js';

/** A token to be known to the double, and the person it belongs to. */
export interface NewUser {
  readonly login: string;
  /** `classic` when left out. An `installation` token has no person: its login is only a label. */
  readonly kind?: TokenKind;
  /** A random one of its kind when left out. */
  readonly token?: string;
  /** By organisation, spelled as GitHub shall spell it. They belong to the person, so to all their tokens. */
  readonly memberships?: Readonly<Record<string, MembershipState>>;
  /** Scopes of a classic or OAuth token; `read:org` when left out. */
  readonly scopes?: readonly string[];
  /** Organisations that this token is kept away from. */
  readonly barriers?: Readonly<Record<string, Barrier>>;
  /** Members that replace those of `GET /user`, also with something GitHub would never send. */
  readonly profile?: Readonly<Record<string, unknown>>;
}

/** The people and tokens a double knows. */
export interface Accounts {
  /** Adds a token, and the person unless the login is known. Returns the token. */
  addUser(user: NewUser): string;
  /** Changes a membership of a person; `null` ends it. */
  setMembership(login: string, org: string, state: MembershipState | null): void;
  /** From now on the token is as good as any other string. */
  revoke(token: string): void;
  find(token: string): Grant | undefined;
}

interface Person {
  readonly user: GitHubUser;
  readonly memberships: Map<string, { org: string; state: MembershipState }>;
}

/** Accounts without anybody. Logins and organisations are case-insensitive, tokens are not. */
export function createAccounts(): Accounts {
  const people = new Map<string, Person>();
  const grants = new Map<string, Grant>();

  function person(login: string, profile: Readonly<Record<string, unknown>>): Person {
    const known = people.get(login.toLowerCase());
    if (known) return known;
    const added: Person = {
      user: { login, id: 583_231 + people.size, profile },
      memberships: new Map(),
    };
    people.set(login.toLowerCase(), added);
    return added;
  }

  function setMembership(login: string, org: string, state: MembershipState | null): void {
    const { memberships } = person(login, {});
    if (state === null) memberships.delete(org.toLowerCase());
    else memberships.set(org.toLowerCase(), { org, state });
  }

  return {
    addUser({
      login,
      kind = 'classic',
      token = randomToken(kind),
      memberships = {},
      scopes = ['read:org'],
      barriers = {},
      profile = {},
    }) {
      const owner = person(login, profile);
      for (const [org, state] of Object.entries(memberships)) setMembership(login, org, state);
      grants.set(token, {
        kind,
        user: kind === 'installation' ? undefined : owner.user,
        scopes: kind === 'classic' || kind === 'oauth' ? scopes : [],
        memberships: owner.memberships,
        barriers: new Map(
          Object.entries(barriers).map(([org, barrier]) => [org.toLowerCase(), barrier]),
        ),
      });
      return token;
    },
    setMembership,
    revoke(token) {
      grants.delete(token);
    },
    find: (token) => grants.get(token),
  };
}
