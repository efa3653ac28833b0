import { LRUCache } from 'lru-cache';
import { ApplicationError } from '../domain/errors.js';
import { otherName } from '../domain/tenants/tenant.js';
import type { Owner, Tenant, TenantRegistry } from '../domain/tenants/tenant.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logging.js';
import { nameText, toOrganisationName } from './organisation.js';
import type { OrganisationName } from './organisation.js';

/** Says which tenant an owner has, and for whom the service is. */
export interface Tenants {
  /**
   * Finds the tenant of an owner, and makes it one at first sight.
   *
   * @throws ApplicationError `forbidden` when the service is not for it, `unavailable`
   */
  find(owner: Owner): Promise<Tenant>;
  /**
   * Refuses an organisation that the service is not for, whoever names it, as far as its name tells.
   *
   * @param admit asked before the registry is, for a name that nothing is known of; throws when it may not be
   * @throws ApplicationError `forbidden`, `unavailable`
   */
  requireServed(name: OrganisationName | undefined, admit: () => void): Promise<void>;
}

/** What that is made of. */
export interface TenantParts {
  readonly registry: TenantRegistry;
  /**
   * The organisations that are served, `undefined` for all: names of tenants, or `name~id` for the owner of
   * that id, who then is the only one that may get the name.
   */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How many tenants are cached, and as many owners and names that the service is not for. */
const maxCached = 10_000;
/** How long it is cached that the service is not for somebody, in milliseconds. */
const refusedMs = 30_000;

/**
 * Finds tenants in the registry, and caches them: an owner is looked up once in a process, and again when its
 * login has changed. Owners that the service is not for are not registered, and are cached apart, so that a
 * flood of them evicts no tenant.
 */
export function createTenants({ registry, allowed, clock, logger }: TenantParts): Tenants {
  const served = readAllowed(allowed);
  /** By the owner's id, the organisation that is not allowed. */
  const refused = new LRUCache<string, string>({ max: maxCached, ttl: refusedMs });
  /** Names that are not in the list, and whether one of those that are was seen under it. */
  const renamed = new LRUCache<string, boolean>({ max: maxCached, ttl: refusedMs });
  const tenants = new LRUCache<string, Tenant, Owner>({
    max: maxCached,
    // Whoever waits gets what was found, also when others have evicted it meanwhile.
    ignoreFetchAbort: true,
    fetchMethod: (_ownerId, _known, { context: owner }) => lookUp(owner),
  });

  function refuse(owner: Owner, organisation: string): never {
    refused.set(owner.id, organisation);
    throw notAllowed(organisation);
  }

  async function lookUp(owner: Owner): Promise<Tenant> {
    const known = await registry.find(owner.id);
    if (known?.login === owner.login) return known;
    if (known === undefined && !served.mayRegister(owner)) refuse(owner, owner.login);
    const name = served.nameOf(owner);
    const tenant = await registry.register(owner, name, clock.now());
    if (known === undefined && tenant.organisation === otherName(name, owner)) {
      const { organisation, ownerId } = tenant;
      logger.warn({ organisation, ownerId, login: name }, 'the name belongs to another owner');
    }
    return tenant;
  }

  /** Whether a name that is not in the list is that of an organisation which is, since GitHub renamed it. */
  async function isRenamed({ login, ownerId }: OrganisationName): Promise<boolean> {
    const found =
      ownerId === undefined ? await registry.seenAs(login) : [await registry.find(ownerId)];
    return found.some((tenant) => tenant !== undefined && served.has(tenant));
  }

  return {
    async find(owner) {
      const known = tenants.get(owner.id);
      if (known?.login === owner.login && served.has(known)) return known;
      const organisation = refused.get(owner.id);
      if (organisation !== undefined) throw notAllowed(organisation);
      const tenant = await tenants.forceFetch(owner.id, {
        context: owner,
        forceRefresh: known !== undefined && known.login !== owner.login,
      });
      return served.has(tenant) ? tenant : refuse(owner, tenant.organisation);
    },

    async requireServed(name, admit) {
      if (name === undefined || served.hasName(name)) return;
      const text = nameText(name);
      let known = renamed.get(text);
      if (known === undefined) {
        admit();
        known = await isRenamed(name);
        renamed.set(text, known);
      }
      if (!known) throw notAllowed(text);
    },
  };
}

/** The names that tenants of allowed organisations have, those that are likelier first. */
export function namesOf(allowed: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const logins = [...allowed].map((entry) => toOrganisationName(entry)?.login ?? entry);
  return new Set([...logins, ...allowed]);
}

function notAllowed(organisation: string): ApplicationError {
  return new ApplicationError(
    'forbidden',
    `The organisation ${organisation} is not allowed here: ALLOWED_ORGANISATIONS does not name it; ` +
      'whoever runs the service can change that',
  );
}

/** For whom the service is. */
interface Served {
  /** The name for the tenant of an owner who has none. */
  nameOf(owner: Owner): string;
  /** Whether an owner who has no tenant may have one. */
  mayRegister(owner: Owner): boolean;
  has(tenant: Tenant): boolean;
  /** Whether somebody may mean one of these by a name. */
  hasName(name: OrganisationName): boolean;
}

function readAllowed(allowed: ReadonlySet<string> | undefined): Served {
  const names = new Set<string>();
  const owners = new Map<string, string>();
  for (const entry of allowed ?? []) {
    const { login = entry, ownerId } = toOrganisationName(entry) ?? {};
    if (ownerId === undefined) names.add(login);
    else owners.set(ownerId, login);
  }
  const logins = new Set([...names, ...owners.values()]);
  const all = allowed === undefined;
  return {
    nameOf: ({ id, login }) => owners.get(id) ?? login,
    mayRegister: ({ id, login }) => all || owners.has(id) || names.has(login),
    has: ({ ownerId, organisation }) => all || owners.has(ownerId) || names.has(organisation),
    hasName: ({ login, ownerId }) =>
      all || logins.has(login) || (ownerId !== undefined && owners.has(ownerId)),
  };
}
