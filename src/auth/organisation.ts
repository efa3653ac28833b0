import { contractViolation } from '../domain/errors.js';
import type { Owner, Tenant } from '../domain/tenants/tenant.js';

/** A GitHub login: letters, digits and inner hyphens, with the underscore of managed users; up to 39. */
const login = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,37}[A-Za-z0-9])?$/;

/** The id of an account on GitHub, a positive number. */
const ownerId = /^[1-9][0-9]{0,18}$/;

/** An organisation as somebody names it: by its login, or by that and its owner's id. */
export interface OrganisationName {
  /** In lower case. */
  readonly login: string;
  readonly ownerId?: string;
}

/**
 * A login in lower case: GitHub does not tell `Acme` from `acme`, so neither does the service. What is no
 * login does not become one by that, as the sign for Kelvin (U+212A) would, whose lower case is a `k`.
 */
export function toLogin(text: string): string | undefined {
  return login.test(text) ? text.toLowerCase() : undefined;
}

/** An owner's id, in digits. */
export function toOwnerId(text: string): string | undefined {
  return ownerId.test(text) ? text : undefined;
}

/** Reads `login` or `login~id`. */
export function toOrganisationName(text: string): OrganisationName | undefined {
  const [first = '', second, ...more] = text.split('~');
  const named = toLogin(first);
  if (named === undefined || more.length > 0) return undefined;
  if (second === undefined) return { login: named };
  const id = toOwnerId(second);
  return id === undefined ? undefined : { login: named, ownerId: id };
}

/** `login` or `login~id`, as it was read. */
export function nameText({ login: named, ownerId: id }: OrganisationName): string {
  return id === undefined ? named : `${named}~${id}`;
}

/**
 * The organisation named by `X-Organisation`.
 *
 * @param header the header's value; `undefined` when it was not sent
 * @throws ApplicationError `contract-violation` when it cannot be one
 */
export function organisationHeader(
  header: string | string[] | undefined,
): OrganisationName | undefined {
  if (header === undefined) return undefined;
  const organisation = typeof header === 'string' ? toOrganisationName(header) : undefined;
  if (organisation !== undefined) return organisation;
  const message =
    "must be a GitHub organisation's login (letters, digits and inner hyphens), or login~id";
  throw contractViolation([{ parameter: 'X-Organisation', message }]);
}

/**
 * Whether a caller's name for an organisation means this one: the login that it has now, with its id or
 * without, or its tenant's name.
 */
export function means(name: OrganisationName, owner: Owner, { organisation }: Tenant): boolean {
  const isOwner =
    name.login === owner.login && (name.ownerId === undefined || name.ownerId === owner.id);
  return isOwner || nameText(name) === organisation;
}
