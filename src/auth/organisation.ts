import { contractViolation } from '../domain/errors.js';

/** A GitHub login: letters, digits and inner hyphens, with the underscore of managed users; up to 39. */
const login = /^[a-z0-9](?:[a-z0-9_-]{0,37}[a-z0-9])?$/;

/** The tenant of a login: GitHub does not tell `Acme` from `acme`, so neither does the service. */
export function toOrganisation(name: string): string | undefined {
  const organisation = name.toLowerCase();
  return login.test(organisation) ? organisation : undefined;
}

/**
 * The organisation named by `X-Organisation`.
 *
 * @param header the header's value; `undefined` when it was not sent
 * @throws ApplicationError `contract-violation` when it cannot be a login
 */
export function organisationHeader(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const organisation = typeof header === 'string' ? toOrganisation(header) : undefined;
  if (organisation !== undefined) return organisation;
  const message = "must be a GitHub organisation's login (letters, digits and inner hyphens)";
  throw contractViolation([{ parameter: 'X-Organisation', message }]);
}
