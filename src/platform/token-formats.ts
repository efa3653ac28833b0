/**
 * What tokens begin with: GitHub's own, and a JWT (the base64url of `{"`).
 *
 * Source: https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
 */
const token = /(?:gh[a-z]_|github_pat_)[A-Za-z0-9]{16}|eyJ[A-Za-z0-9_-]{16}/;

/**
 * Whether a text has something in it that looks like a token: what callers choose freely may be a
 * token by mistake, and must then not come to the log or the metrics.
 */
export function containsToken(text: string): boolean {
  return token.test(text);
}
