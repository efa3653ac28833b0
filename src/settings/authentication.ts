import { z } from 'zod';
import type { GitHubOptions } from '../auth/github-requests.js';
import type { OidcOptions } from '../auth/oidc/verify.js';
import { nameText, toLogin, toOrganisationName } from '../auth/organisation.js';
import { flag, isTrustedUrl, wholeNumber } from './fields.js';

/** How callers are authenticated, as the environment says. */
export interface AuthenticationSettings {
  readonly enabled: boolean;
  /** Whether everybody who reaches the service may do everything, on whatever address it listens. */
  readonly demo: boolean;
  /** The tenant of callers who name none, while authentication is off. */
  readonly developmentOrganisation: string;
  /** The organisations that are served, `login` or `login~id` in lower case; `undefined` for all. */
  readonly allowedOrganisations: ReadonlySet<string> | undefined;
  readonly oidc: OidcOptions & { readonly keyLifetimeSeconds: number };
  readonly gitHub: GitHubOptions & {
    /** GitHub's pages, such as `https://github.com`, without a slash at its end. */
    readonly serverUrl: string;
    readonly membershipLifetimeSeconds: number;
  };
  /** How many tokens of one client may be refused within a minute; 0 for no limit. */
  readonly failuresPerMinute: number;
  /** How many refusals are logged in a second. */
  readonly refusalLinesPerSecond: number;
}

/** In the place of a list: whoever has a token of GitHub may call. */
const everyOrganisation = '*';

const login = z
  .string()
  .transform(toLogin)
  .refine((value) => value !== undefined, "must be a GitHub organisation's login");

const urlFault = 'must be an https URL without query (http is for a loopback address)';

/** The address of a service to which tokens are sent, or whose word is trusted. */
export const trustedUrl = z
  .string()
  .refine(isBaseUrl, urlFault)
  .transform((value) => value.replace(/\/+$/, ''))
  .optional();

/** Where GitHub itself is, github.com. */
const gitHubIssuer = 'https://token.actions.githubusercontent.com';
const gitHubApi = 'https://api.github.com';

const seconds = (fallback: number) => wholeNumber(fallback, 1, 24 * 60 * 60, 'a number of seconds');

/** The audience unless another is named: all installations have it that name none. */
export const defaultAudience = 'deployment-queue-api';

/** The variables, by name. */
export const authenticationFields = {
  AUTH_ENABLED: flag(true),
  DEMO: flag(false),
  DEV_ORGANISATION: login.default('local-dev'),
  ALLOWED_ORGANISATIONS: z.string().transform(readOrganisations).optional(),
  GITHUB_OIDC_ISSUER: trustedUrl,
  GITHUB_OIDC_AUDIENCE: z.string().default(defaultAudience),
  JWKS_CACHE_TTL: seconds(3600),
  GITHUB_API_URL: trustedUrl,
  GITHUB_API_VERSION: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/, "must be a version of GitHub's API, such as 2022-11-28")
    .default('2022-11-28'),
  ORG_MEMBERSHIP_CACHE_TTL: seconds(300),
  AUTH_FAILURES_PER_MINUTE: wholeNumber(60, 0, 100_000, 'a number of refused tokens'),
  LOG_REFUSALS_PER_SECOND: wholeNumber(20, 0, 1_000_000, 'a number of lines'),
};

type Fields = {
  [Name in keyof typeof authenticationFields]: z.output<(typeof authenticationFields)[Name]>;
};

/** What is wrong when the issuer and the API are those of two GitHubs. */
export function gitHubContradictions(values: Partial<Fields>): string[] {
  // One that is not fine on its own is not there, and has been told of.
  if (!('GITHUB_OIDC_ISSUER' in values) || !('GITHUB_API_URL' in values)) return [];
  const { GITHUB_OIDC_ISSUER: issuer, GITHUB_API_URL: api } = values;
  if ((issuer === undefined) === (api === undefined)) return [];
  if ((issuer ?? gitHubIssuer) === gitHubIssuer && (api ?? gitHubApi) === gitHubApi) return [];
  const missing = issuer === undefined ? 'GITHUB_OIDC_ISSUER' : 'GITHUB_API_URL';
  return [
    `${missing} must be set as well: GITHUB_OIDC_ISSUER (${issuer ?? `not set, ${gitHubIssuer}`}) and ` +
      `GITHUB_API_URL (${api ?? `not set, ${gitHubApi}`}) must be of one GitHub, since its ids say whose ` +
      'data it is',
  ];
}

/** Puts the variables' values together. */
export function toAuthenticationSettings(values: Fields): AuthenticationSettings {
  const apiUrl = values.GITHUB_API_URL ?? gitHubApi;
  return {
    enabled: values.AUTH_ENABLED,
    demo: values.DEMO,
    developmentOrganisation: values.DEV_ORGANISATION,
    allowedOrganisations:
      values.ALLOWED_ORGANISATIONS === everyOrganisation ? undefined : values.ALLOWED_ORGANISATIONS,
    oidc: {
      issuer: values.GITHUB_OIDC_ISSUER ?? gitHubIssuer,
      audience: values.GITHUB_OIDC_AUDIENCE,
      keyLifetimeSeconds: values.JWKS_CACHE_TTL,
    },
    gitHub: {
      apiUrl,
      serverUrl: serverOf(apiUrl),
      apiVersion: values.GITHUB_API_VERSION,
      membershipLifetimeSeconds: values.ORG_MEMBERSHIP_CACHE_TTL,
    },
    failuresPerMinute: values.AUTH_FAILURES_PER_MINUTE,
    refusalLinesPerSecond: values.LOG_REFUSALS_PER_SECOND,
  };
}

/** Faults of settings that are fine on their own. */
export function authenticationContradictions(values: Partial<Fields>): string[] {
  if (values.AUTH_ENABLED !== true) return [];
  const faults: string[] = [];
  // Neither wrong nor there.
  if ('ALLOWED_ORGANISATIONS' in values && values.ALLOWED_ORGANISATIONS === undefined) {
    faults.push(
      'ALLOWED_ORGANISATIONS must be set while AUTH_ENABLED is true: ' +
        `the logins of those who may call, such as acme,globex, or ${everyOrganisation} for every organisation of GitHub`,
    );
  }
  if (values.DEMO === true) faults.push('DEMO must not be true while AUTH_ENABLED is true');
  return faults;
}

function readOrganisations(
  list: string,
  context: z.RefinementCtx,
): ReadonlySet<string> | typeof everyOrganisation {
  if (list.trim() === everyOrganisation) return everyOrganisation;
  const organisations = list.split(',').map((name) => toOrganisationName(name.trim()));
  const valid = organisations.filter((name) => name !== undefined);
  if (valid.length < organisations.length) {
    context.addIssue(
      `must be GitHub organisations' logins, or login~id, separated by commas, or ${everyOrganisation} alone for all`,
    );
  }
  return new Set(valid.map(nameText));
}

function isBaseUrl(value: string): boolean {
  if (!isTrustedUrl(value)) return false;
  const { search, hash } = new URL(value);
  return search + hash === '';
}

/**
 * Where the pages of a GitHub are: `api.github.com` is of `github.com`, `api.SUBDOMAIN.ghe.com` of
 * `SUBDOMAIN.ghe.com`, and `HOST/api/v3` of `HOST`.
 */
export function serverOf(apiUrl: string): string {
  const { protocol, host } = new URL(apiUrl);
  return `${protocol}//${host.replace(/^api\./, '')}`;
}
