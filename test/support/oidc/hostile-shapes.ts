import type { HostileToken } from './hostile-token.js';
import { base64url, segments } from './jws.js';
import type { OidcIssuer } from './oidc-issuer.js';

/** Tokens that are damaged, rearranged or never were a compact JWS. */
export function hostileShapes(issuer: OidcIssuer): HostileToken[] {
  const honest = issuer.sign();
  const [header, payload, signature] = segments(honest);
  const otherPayload = segments(
    issuer.sign({ repository_owner: 'globex', repository: 'globex/shop' }),
  )[1];

  return [
    // Tampered
    token('the payload of another token', `${header}.${otherPayload}.${signature}`),
    token(
      'the header of another token',
      `${base64url({ alg: 'RS256', kid: issuer.kid, typ: 'at+jwt' })}.${payload}.${signature}`,
    ),
    token('a signature with one bit flipped', `${header}.${payload}.${flipBit(signature)}`),
    token('a signature cut short', `${header}.${payload}.${signature.slice(0, -8)}`),
    token('a signature of zeros', `${header}.${payload}.${base64url('\0'.repeat(256))}`),
    token('an empty signature', `${header}.${payload}.`),

    // Segments
    token('one segment', header),
    token('two segments', `${header}.${payload}`),
    token('four segments', `${honest}.${signature}`),
    token('a dot in front', `.${honest}`),
    token('a dot behind', `${honest}.`),
    token('a doubled dot', `${header}..${payload}.${signature}`),
    token('nothing but dots', '..'),
    token('an empty header', `.${payload}.${signature}`),
    token('an empty payload', `${header}..${signature}`),
    token('five segments, the shape of a JWE', jweShaped(issuer.kid)),

    // Encoding
    token(
      'a header that is not base64url',
      `${header.slice(0, 8)}*${header.slice(9)}.${payload}.${signature}`,
    ),
    token(
      'a payload that is not base64url',
      `${header}.${payload.slice(0, 8)}!${payload.slice(9)}.${signature}`,
    ),
    token(
      'a signature that is not base64url',
      `${header}.${payload}.${signature.slice(0, 8)}~${signature.slice(9)}`,
    ),
    token('a header that is not JSON', `${base64url('{"alg":"RS256"')}.${payload}.${signature}`),
    token('a header that is a list', `${base64url(['RS256'])}.${payload}.${signature}`),
    token('a header that is null', `${base64url(null)}.${payload}.${signature}`),
    token(
      'a header that is not UTF-8',
      `${Buffer.from([0xff, 0xfe, 0xfd]).toString('base64url')}.${payload}.${signature}`,
    ),
    token('a signed payload that is not JSON', issuer.sign({}, { payload: 'acme' })),
    token('a signed payload that is a list', issuer.sign({}, { payload: ['acme'] })),
    token('a signed payload that is null', issuer.sign({}, { payload: null })),
    token('a signed payload that is empty', issuer.sign({}, { payload: '' })),

    // Size: together with the other headers still below Node's limit of 16 KiB for all of them
    token(
      'twelve thousand characters of payload',
      `${header}.${base64url('x'.repeat(9000))}.${signature}`,
    ),
    token(
      'a header nested a thousand deep',
      `${base64url('['.repeat(1000) + ']'.repeat(1000))}.${payload}.${signature}`,
    ),
  ];
}

/** A token-shaped string of `length` characters, for what happens beyond the limits of an HTTP parser. */
export function hugeToken(issuer: OidcIssuer, length: number): string {
  const [header, , signature] = segments(issuer.sign());
  return `${header}.${'A'.repeat(Math.max(0, length - header.length - signature.length - 2))}.${signature}`;
}

function token(name: string, value: string): HostileToken {
  return { name, token: value };
}

function flipBit(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  return bytes.toString('base64url');
}

/** RFC 7516, section 7.1: header, encrypted key, initialization vector, ciphertext, tag. */
function jweShaped(kid: string): string {
  const header = base64url({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid });
  return [
    header,
    base64url('k'.repeat(256)),
    base64url('v'.repeat(12)),
    base64url('c'.repeat(400)),
    base64url('t'.repeat(16)),
  ].join('.');
}
