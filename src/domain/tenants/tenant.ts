/**
 * An account on GitHub that owns repositories, nearly always an organisation, as GitHub names it now. A
 * service talks to one GitHub, so the id says which account it is, for good; the login may change, and go to
 * another account.
 */
export interface Owner {
  /** GitHub's number for it, in digits. */
  readonly id: string;
  /** In lower case. */
  readonly login: string;
}

/** An owner as the registry knows it. */
export interface Tenant {
  readonly ownerId: string;
  /** The tenant's name, which stays: under it stands all that is the tenant's. */
  readonly organisation: string;
  /** The owner's login when it was last seen, in lower case. */
  readonly login: string;
  /** RFC 3339 in UTC with milliseconds. */
  readonly firstSeenAt: string;
}

/**
 * Which owner has which tenant.
 *
 * Every method may reject with an `ApplicationError` `unavailable`.
 */
export interface TenantRegistry {
  /** The tenant of an owner; `undefined` for one that was never registered. */
  find(ownerId: string): Promise<Tenant | undefined>;
  /** Those whose owner was last seen under a login: of that, no more than one can have it now. */
  seenAs(login: string): Promise<readonly Tenant[]>;
  /**
   * Registers an owner, or notes the login of one that is. The first owner who asks for a name gets it, and
   * with it what has been stored under it before there was a registry; any other gets `otherName`. This
   * holds among all processes.
   *
   * @param name for the tenant of a new owner
   * @param at the instant, RFC 3339 in UTC with milliseconds
   */
  register(owner: Owner, name: string, at: string): Promise<Tenant>;
}

/** The name of the tenant of an owner who came too late for a name. No login has such a form. */
export function otherName(name: string, owner: Owner): string {
  return `${name}~${owner.id}`;
}
