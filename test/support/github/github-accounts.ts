import type { Barrier, Grant } from './github-responses.js';
import { ownerIdOf } from '../owner-ids.js';
import type { GitHubUser, Membership, MembershipRole, MembershipState } from './github-bodies.js';
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
  /** What the person is there; `member` when left out. */
  readonly roles?: Readonly<Record<string, MembershipRole>>;
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
  setMembership(
    login: string,
    org: string,
    state: MembershipState | null,
    role?: MembershipRole,
  ): void;
  /**
   * Gives an organisation another login, with all its members; its id stays. The login that it had is free
   * for another organisation, which has another id.
   */
  renameOrganisation(from: string, to: string): void;
  /** From now on the token is as good as any other string. */
  revoke(token: string): void;
  find(token: string): Grant | undefined;
}

interface Person {
  readonly user: GitHubUser;
  readonly memberships: Map<string, Membership>;
}

/** Accounts without anybody. Logins and organisations are case-insensitive, tokens are not. */
export function createAccounts(): Accounts {
  const people = new Map<string, Person>();
  const grants = new Map<string, Grant>();
  /** By login, where it is not the usual one. */
  const orgIds = new Map<string, number>();
  const orgIdOf = (org: string) => orgIds.get(org.toLowerCase()) ?? ownerIdOf(org);

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

  function setMembership(
    login: string,
    org: string,
    state: MembershipState | null,
    role: MembershipRole = 'member',
  ): void {
    const { memberships } = person(login, {});
    if (state === null) memberships.delete(org.toLowerCase());
    else memberships.set(org.toLowerCase(), { org, orgId: orgIdOf(org), state, role });
  }

  return {
    addUser({
      login,
      kind = 'classic',
      token = randomToken(kind),
      memberships = {},
      roles = {},
      scopes = ['read:org'],
      barriers = {},
      profile = {},
    }) {
      const owner = person(login, profile);
      for (const [org, state] of Object.entries(memberships)) {
        setMembership(login, org, state, roles[org]);
      }
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
    renameOrganisation(from, to) {
      orgIds.set(to.toLowerCase(), orgIdOf(from));
      orgIds.set(from.toLowerCase(), ownerIdOf(`the next ${from}`));
      for (const { memberships } of people.values()) {
        const membership = memberships.get(from.toLowerCase());
        if (membership === undefined) continue;
        memberships.delete(from.toLowerCase());
        memberships.set(to.toLowerCase(), { ...membership, org: to });
      }
    },
    revoke(token) {
      grants.delete(token);
    },
    find: (token) => grants.get(token),
  };
}
