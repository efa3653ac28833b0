import { randomInt } from 'node:crypto';
import { base64url } from '../oidc/jws.js';

/** What a token is, in the words of GitHub's documentation: see {@link PREFIXES}. */
export type TokenKind = 'classic' | 'fine_grained' | 'oauth' | 'app_user' | 'installation';

/**
 * How tokens of each kind begin.
 *
 * Source: https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
 */
export const PREFIXES: Readonly<Record<TokenKind, string>> = {
  classic: 'ghp_',
  fine_grained: 'github_pat_',
  oauth: 'gho_',
  app_user: 'ghu_',
  installation: 'ghs_',
};

/** A random token in the form of its kind. Random, so that no scanner for leaked secrets finds one in a repository. */
export function randomToken(kind: TokenKind): string {
  const body =
    kind === 'fine_grained' ? `${alphanumeric(22)}_${alphanumeric(59)}` : alphanumeric(36);
  return PREFIXES[kind] + body;
}

/**
 * An installation token in the form that replaces the opaque one since April 2026: `ghs_APPID_JWT`, some 520
 * characters, with the two dots of a JWT in it. It is what `GITHUB_TOKEN` holds, and no OIDC token.
 *
 * Source: https://github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header/
 */
export function randomStatelessInstallationToken(): string {
  const header = base64url({ alg: 'RS256', typ: 'JWT' });
  const payload = base64url({ iss: 'internal', sub: alphanumeric(40), iat: 1, exp: 2 });
  return `${PREFIXES.installation}1234567_${header}.${payload}.${alphanumeric(342)}`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function alphanumeric(length: number): string {
  return Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}
