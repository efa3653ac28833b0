/**
 * What tokens look like: GitHub's own have a prefix, or were 40 hexadecimal digits until April 2021; a JWT
 * begins with the base64url of `{"`.
 *
 * Sources:
 * https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats,
 * https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
 */
const gitHubPrefix = 'gh[a-z]_|github_pat_';
const jwtPrefix = 'eyJ';
const installationPrefix = 'ghs_';

const prefixed = new RegExp(`^(?:${gitHubPrefix})`);
const prefixedOrOld = new RegExp(`^(?:${gitHubPrefix}|[0-9a-f]{40}$)`);
// Some members of a deployment are stored in lower case; words may then begin like a JWT, yet not end like its header.
const loweredJwt = `(?<![a-z0-9])${jwtPrefix.toLowerCase()}[a-z0-9_-]{16,}[.]`;
const anywhere = new RegExp(
  `(?:${gitHubPrefix})[A-Za-z0-9]{16}|${jwtPrefix}[A-Za-z0-9_-]{16}|${loweredJwt}`,
);

/**
 * Whether a text has something in it that looks like a token: what callers choose freely may be a
 * token by mistake, and must then not come to the log or the metrics.
 */
export function containsToken(text: string): boolean {
  return anywhere.test(text);
}

/** Whether a token has the form of one of GitHub's own; the OIDC token of a job is a JWT. */
export function looksLikeGitHubToken(token: string): boolean {
  return prefixedOrOld.test(token);
}

/**
 * Whether a token is a GitHub App's for an installation, such as `GITHUB_TOKEN` in GitHub Actions: it says
 * nothing of who uses it.
 */
export function isInstallationToken(token: string): boolean {
  return token.startsWith(installationPrefix);
}

/**
 * Whether a token is to be read as a JWT: it has dots or begins like one. GitHub's own are none, though an
 * installation token may have the dots of a JWT after its prefix.
 */
export function looksLikeJwt(token: string): boolean {
  return !prefixed.test(token) && (token.includes('.') || token.startsWith(jwtPrefix));
}
