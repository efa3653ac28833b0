import { claimVerdicts } from './claim-verdicts.js';
import type { Verdict } from './hostile-verdict.js';

/** Told of whatever is not proven to be the issuer's: it must not help a forger. */
const untrusted = 'The token is not one that the trusted issuer has signed for this use';
const malformed =
  'The Authorization header is not of the form "Bearer <token>", sent once and with one token';

/** What nobody needs to be told more about; the log alone has the reason. */
const forged: readonly Verdict[] = Object.entries({
  'exp is more than an hour after iat': ['an exp of infinity', 'an exp ten years ahead'],
  'ERR_JWT_INVALID: JWT Claims Set must be a top-level JSON object': [
    'a signed payload that is not JSON',
    'a signed payload that is a list',
    'a signed payload that is null',
    'a signed payload that is empty',
  ],
  'ERR_JWS_SIGNATURE_VERIFICATION_FAILED: signature verification failed': [
    "the attacker's key under the right kid",
    'alg RS256 and no signature',
    'an HS256 signature under alg RS256',
    'a PS256 signature under alg RS256',
    'the payload of another token',
    'the header of another token',
    'a signature with one bit flipped',
    'a signature cut short',
    'a signature of zeros',
    'an empty signature',
    'an empty payload',
    'twelve thousand characters of payload',
  ],
  'ERR_JWKS_NO_MATCHING_KEY: no applicable key found in the JSON Web Key Set': [
    "the attacker's key under the attacker's kid",
    'an unknown kid',
    'a kid that walks out of a folder',
    "a kid that is the attacker's address",
    'a kid that closes a string in SQL',
    'a kid that names a member of every object',
    'a kid with a line break',
    'a kid of four thousand characters',
  ],
  'no kid': [
    "the attacker's key and no kid",
    'no kid',
    'an empty kid',
    'a kid that is a number',
    'a kid that is a list',
    'a kid that is null',
  ],
  'ERR_JOSE_ALG_NOT_ALLOWED: "alg" (Algorithm) Header Parameter value not allowed': [
    'alg none and no signature',
    'alg NONE and no signature',
    'alg nOnE and no signature',
    'alg none with a borrowed signature',
    'HS256 keyed with the public key as PEM',
    'HS256 keyed with the public key as PEM without its last line break',
    'HS256 keyed with the published JWK as JSON',
    'HS256 keyed with the modulus',
    'HS256 keyed with nothing',
    'RS384 by the right key',
    'RS512 by the right key',
    'PS256 by the right key',
    "ES256 by the attacker's key",
    'an alg in lower case',
  ],
  'ERR_JWS_INVALID: JWS "alg" (Algorithm) Header Parameter missing or invalid': [
    'no alg',
    'an alg that is a list',
  ],
  'the header has jku': [
    'jku at the attacker, signed by the attacker',
    'jku at the attacker under the right kid',
    'jku at the attacker, signed by the right key',
  ],
  'the header has x5u': [
    'x5u at the attacker, signed by the attacker',
    'x5u at the attacker, signed by the right key',
  ],
  'the header has jwk': [
    "the attacker's key as jwk, signed by it",
    "the attacker's key as jwk under the right kid",
    "the attacker's key as jwk, signed by the right key",
  ],
  'the header has x5c': [
    "the attacker's key as x5c, signed by it",
    "the attacker's key as x5c, signed by the right key",
  ],
  'the header has b64': [
    'crit that is not a list',
    'an unencoded payload that is critical',
    'b64 false that is not critical',
  ],
  'ERR_JOSE_NOT_SUPPORTED: Extension Header Parameter "https://attacker.example/ext" is not recognized':
    ['a critical extension nobody knows'],
  'ERR_JOSE_NOT_SUPPORTED: Extension Header Parameter "exp" is not recognized': [
    'a critical claim name',
  ],
  'ERR_JWS_INVALID: "crit" (Critical) Header Parameter MUST be an array of non-empty strings when present':
    ['an empty list of critical extensions'],
  'the header cannot be read': [
    'one segment',
    'two segments',
    'four segments',
    'a dot in front',
    'a dot behind',
    'a doubled dot',
    'nothing but dots',
    'an empty header',
    'a header that is not JSON',
    'a header that is a list',
    'a header that is null',
    'a header that is not UTF-8',
    'a header nested a thousand deep',
  ],
  'ERR_JWS_INVALID: Invalid Compact JWS': ['five segments, the shape of a JWE'],
  'ERR_JWS_INVALID: Failed to base64url decode the signature': [
    'a signature that is not base64url',
  ],
}).map(([reason, tokens]) => ({ detail: untrusted, reason, tokens }));

/** Every verdict: each is 401 `unauthenticated`. */
export const verdicts: readonly Verdict[] = [
  ...claimVerdicts,
  ...forged,
  {
    detail: malformed,
    tokens: ['a header that is not base64url', 'a payload that is not base64url'],
  },
];
