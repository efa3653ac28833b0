import { epochSeconds, type Claims } from './actions-claims.js';
import type { HostileToken } from './hostile-token.js';
import type { OidcIssuer } from './oidc-issuer.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Tokens signed as they should be whose claims are the attack, or the accident. */
export function hostileClaims(issuer: OidcIssuer, attacker: OidcIssuer): HostileToken[] {
  const now = epochSeconds();

  return [
    // Time
    claims('an exp two minutes ago', { exp: now - 2 * MINUTE }),
    claims('an exp just past the tolerance', { exp: now - 61 }),
    claims('no exp', { exp: undefined }),
    claims('an exp that is a string', { exp: String(now + HOUR) }),
    claims('an exp that is null', { exp: null }),
    claims('an exp of zero', { exp: 0 }),
    {
      ...payload('an exp of infinity', { exp: 'INFINITY' }, (text) =>
        text.replace('"INFINITY"', '1e999'),
      ),
      needsOwnCheck: true,
    },
    { ...claims('an exp ten years ahead', { exp: now + 87_600 * HOUR }), needsOwnCheck: true },
    claims('an nbf two minutes ahead', { nbf: now + 2 * MINUTE }),
    claims('an nbf that is a string', { nbf: String(now) }),
    claims('an iat two minutes ahead', { iat: now + 2 * MINUTE }),
    claims('an iat that is a string', { iat: String(now) }),
    claims('an iat a day ago with an exp ahead', { iat: now - 24 * HOUR, nbf: now - 24 * HOUR }),
    claims('no iat', { iat: undefined }),

    // Audience
    claims('an audience of another service', { aud: 'sts.amazonaws.com' }),
    claims('the default audience of GitHub', { aud: 'https://github.com/acme' }),
    claims('a list of other audiences', { aud: ['sts.amazonaws.com', 'vault'] }),
    claims('an empty list of audiences', { aud: [] }),
    claims('no audience', { aud: undefined }),
    claims('an audience in another case', { aud: 'Deployment-Queue-API' }),
    claims('an audience with ours as a prefix', { aud: 'deployment-queue-api.attacker.example' }),
    claims('an audience that is an object', { aud: { 'deployment-queue-api': true } }),

    // Issuer
    claims('the attacker as issuer', { iss: attacker.url }),
    claims('an issuer with a slash at its end', { iss: `${issuer.url}/` }),
    claims('an issuer with a path', { iss: `${issuer.url}/acme` }),
    claims('an issuer in another case', { iss: issuer.url.replace('http', 'HTTP') }),
    claims('an issuer that is a list', { iss: [issuer.url] }),
    claims('no issuer', { iss: undefined }),

    // Organisation
    claims('no repository_owner', { repository_owner: undefined }),
    owner('an empty repository_owner', ''),
    owner('a repository_owner of spaces', '   '),
    owner('a repository_owner that is a number', 65),
    owner('a repository_owner that is a list', ['acme']),
    owner('a repository_owner that is an object', { login: 'acme' }),
    owner('a repository_owner that is null', null),
    owner('a repository_owner with a slash', 'acme/shop'),
    owner('a repository_owner that walks out of a folder', '../acme'),
    owner('a repository_owner with a line break', 'acme\r\nlevel=info'),
    owner('a repository_owner in letters that only look like ours', 'аcme'),
    owner('a repository_owner longer than a login can be', 'a'.repeat(40)),
    owner('a repository_owner whose lower case is a login', '\u212aelvin'),
    owner('a repository_owner in full width', '\uff21\uff43\uff4d\uff45'),
    owner('a repository_owner with a dotted capital I', '\u0130nitech'),
    owner('a repository_owner with an id behind it', 'acme~65'),
    ownerId('no repository_owner_id', undefined),
    ownerId('an empty repository_owner_id', ''),
    ownerId('a repository_owner_id that is a number', 65),
    ownerId('a repository_owner_id that is null', null),
    ownerId('a repository_owner_id that is a list', ['65']),
    ownerId('a repository_owner_id of zero', '0'),
    ownerId('a repository_owner_id with a zero in front', '065'),
    ownerId('a repository_owner_id with a sign', '+65'),
    ownerId('a repository_owner_id with a space', '65 '),
    ownerId('a repository_owner_id with a line break', '65\n'),
    ownerId('a repository_owner_id in hexadecimal', '0x41'),
    ownerId('a repository_owner_id with an exponent', '65e0'),
    ownerId('a repository_owner_id with a fraction', '65.0'),
    ownerId('a repository_owner_id in other digits', '\u0666\u0665'),
    ownerId('a repository_owner_id of twenty digits', '9'.repeat(20)),
  ];

  function claims(name: string, changes: Claims): HostileToken {
    return { name, token: issuer.sign(changes) };
  }

  // jose has no idea of GitHub's own claims: beyond their presence, each of these is up to the service.
  function owner(name: string, value: unknown): HostileToken {
    return { ...claims(name, { repository_owner: value }), needsOwnCheck: true };
  }

  function ownerId(name: string, value: unknown): HostileToken {
    return { ...claims(name, { repository_owner_id: value }), needsOwnCheck: true };
  }

  function payload(name: string, changes: Claims, rewrite: (text: string) => string): HostileToken {
    const [, honest = ''] = issuer.sign(changes).split('.');
    return {
      name,
      token: issuer.sign({}, { payload: rewrite(Buffer.from(honest, 'base64url').toString()) }),
    };
  }
}
