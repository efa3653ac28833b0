import { ecKey } from './signing-keys.js';
import type { HostileToken } from './hostile-token.js';
import type { OidcIssuer, SignOptions } from './oidc-issuer.js';
import { segments, type Seal } from './jws.js';

/** Tokens whose header, key or algorithm is the attack; the claims are in order. */
export async function hostileHeaders(
  issuer: OidcIssuer,
  attacker: OidcIssuer,
): Promise<HostileToken[]> {
  const elliptic = await ecKey('attacker');
  const honestKey = issuer.key.privateKey;
  const attackerKey = attacker.key.privateKey;
  const byAttacker: Seal = { alg: 'RS256', key: attackerKey };
  const honestSignature = segments(issuer.sign())[2];
  const pemSecret: Seal = { alg: 'HS256', secret: issuer.publicKeyPem };

  return [
    // Keys
    signed("the attacker's key under the right kid", { seal: byAttacker }),
    signed("the attacker's key under the attacker's kid", {
      seal: byAttacker,
      header: { kid: attacker.kid },
    }),
    signed("the attacker's key and no kid", { seal: byAttacker, header: { kid: undefined } }),
    signed('an unknown kid', { header: { kid: 'd41d8cd9-8f00-4204-a980-0998ecf8427e' } }),
    { ...signed('no kid', { header: { kid: undefined } }), needsOwnCheck: true },
    signed('an empty kid', { header: { kid: '' } }),
    signed('a kid that is a number', { header: { kid: 1 } }),
    signed('a kid that is a list', { header: { kid: [issuer.kid] } }),
    signed('a kid that is null', { header: { kid: null } }),
    signed('a kid that walks out of a folder', {
      seal: byAttacker,
      header: { kid: '../../../../dev/null' },
    }),
    signed("a kid that is the attacker's address", {
      seal: byAttacker,
      header: { kid: attacker.jwksUrl },
    }),
    signed('a kid that closes a string in SQL', {
      seal: byAttacker,
      header: { kid: "' OR '1'='1" },
    }),
    signed('a kid that names a member of every object', {
      seal: byAttacker,
      header: { kid: '__proto__' },
    }),
    signed('a kid with a line break', {
      seal: byAttacker,
      header: { kid: 'kid\r\nlevel=info message=accepted' },
    }),
    signed('a kid of four thousand characters', {
      seal: byAttacker,
      header: { kid: 'k'.repeat(4000) },
    }),

    // Algorithms
    signed('alg none and no signature', { seal: { alg: 'none' } }),
    signed('alg NONE and no signature', { seal: { alg: 'none' }, header: { alg: 'NONE' } }),
    signed('alg nOnE and no signature', { seal: { alg: 'none' }, header: { alg: 'nOnE' } }),
    {
      name: 'alg none with a borrowed signature',
      token: issuer.sign({}, { seal: { alg: 'none' } }) + honestSignature,
    },
    signed('alg RS256 and no signature', { seal: { alg: 'none' }, header: { alg: 'RS256' } }),
    signed('HS256 keyed with the public key as PEM', { seal: pemSecret }),
    signed('HS256 keyed with the public key as PEM without its last line break', {
      seal: { alg: 'HS256', secret: issuer.publicKeyPem.trim() },
    }),
    signed('HS256 keyed with the published JWK as JSON', {
      seal: { alg: 'HS256', secret: JSON.stringify(issuer.publicJwk) },
    }),
    signed('HS256 keyed with the modulus', {
      seal: { alg: 'HS256', secret: issuer.publicJwk.n ?? '' },
    }),
    signed('HS256 keyed with nothing', { seal: { alg: 'HS256', secret: '' } }),
    signed('an HS256 signature under alg RS256', { seal: pemSecret, header: { alg: 'RS256' } }),
    signed('RS384 by the right key', { seal: { alg: 'RS384', key: honestKey } }),
    signed('RS512 by the right key', { seal: { alg: 'RS512', key: honestKey } }),
    signed('PS256 by the right key', { seal: { alg: 'PS256', key: honestKey } }),
    signed('a PS256 signature under alg RS256', {
      seal: { alg: 'PS256', key: honestKey },
      header: { alg: 'RS256' },
    }),
    signed("ES256 by the attacker's key", { seal: { alg: 'ES256', key: elliptic.privateKey } }),
    signed('no alg', { header: { alg: undefined } }),
    signed('an alg in lower case', { header: { alg: 'rs256' } }),
    signed('an alg that is a list', { header: { alg: ['RS256'] } }),

    // Headers that bring or point at a key
    signed('jku at the attacker, signed by the attacker', {
      seal: byAttacker,
      header: { jku: attacker.jwksUrl, kid: attacker.kid },
    }),
    signed('jku at the attacker under the right kid', {
      seal: byAttacker,
      header: { jku: attacker.jwksUrl },
    }),
    {
      ...signed('jku at the attacker, signed by the right key', {
        header: { jku: attacker.jwksUrl },
      }),
      needsOwnCheck: true,
    },
    signed('x5u at the attacker, signed by the attacker', {
      seal: byAttacker,
      header: { x5u: attacker.jwksUrl, kid: attacker.kid },
    }),
    {
      ...signed('x5u at the attacker, signed by the right key', {
        header: { x5u: attacker.jwksUrl },
      }),
      needsOwnCheck: true,
    },
    signed("the attacker's key as jwk, signed by it", {
      seal: byAttacker,
      header: { jwk: attacker.publicJwk, kid: attacker.kid },
    }),
    signed("the attacker's key as jwk under the right kid", {
      seal: byAttacker,
      header: { jwk: { ...attacker.publicJwk, kid: issuer.kid } },
    }),
    {
      ...signed("the attacker's key as jwk, signed by the right key", {
        header: { jwk: attacker.publicJwk },
      }),
      needsOwnCheck: true,
    },
    signed("the attacker's key as x5c, signed by it", {
      seal: byAttacker,
      header: { x5c: [pemBody(attacker)], kid: attacker.kid },
    }),
    {
      ...signed("the attacker's key as x5c, signed by the right key", {
        header: { x5c: [pemBody(attacker)] },
      }),
      needsOwnCheck: true,
    },

    // Extensions
    signed('a critical extension nobody knows', {
      header: { crit: ['https://attacker.example/ext'], 'https://attacker.example/ext': true },
    }),
    signed('a critical claim name', { header: { crit: ['exp'], exp: 1 } }),
    signed('an empty list of critical extensions', { header: { crit: [] } }),
    signed('crit that is not a list', { header: { crit: 'b64', b64: true } }),
    signed('an unencoded payload that is critical', { header: { b64: false, crit: ['b64'] } }),
    {
      ...signed('b64 false that is not critical', { header: { b64: false } }),
      needsOwnCheck: true,
    },
  ];

  function signed(name: string, options: SignOptions): HostileToken {
    return { name, token: issuer.sign({}, options) };
  }
}

/** Not a certificate: x5c wants one, and a verifier that looks into it has already gone wrong. */
function pemBody(owner: OidcIssuer): string {
  return owner.publicKeyPem.replace(/-----[^-]+-----|\s/g, '');
}
