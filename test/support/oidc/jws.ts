import { constants, createHmac, sign, type KeyObject } from 'node:crypto';

/** How the signature of a token is made, whatever its header claims. */
export type Seal =
  | { readonly alg: 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'ES256'; readonly key: KeyObject }
  | { readonly alg: 'HS256'; readonly secret: string }
  | { readonly alg: 'none' };

/** A string is taken as it is, everything else becomes JSON; both are then encoded. */
export type Segment = string | Readonly<Record<string, unknown>> | readonly unknown[] | null;

/**
 * Writes a compact JWS (RFC 7515, section 7.1) without any of the checks of a library.
 *
 * A library refuses to write most of what an attacker sends, so that tests need their own hand here;
 * it also means that honest tokens are not written by the library that reads them.
 */
export function writeJws(header: Segment, payload: Segment, seal: Seal): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${signature(input, seal)}`;
}

/** The three segments of a compact JWS, still encoded. */
export function segments(token: string): [string, string, string] {
  const [header = '', payload = '', signed = ''] = token.split('.');
  return [header, payload, signed];
}

/** One segment, encoded. */
export function base64url(segment: Segment): string {
  return Buffer.from(typeof segment === 'string' ? segment : JSON.stringify(segment)).toString(
    'base64url',
  );
}

function signature(input: string, seal: Seal): string {
  const data = Buffer.from(input);
  switch (seal.alg) {
    case 'none':
      return '';
    case 'HS256':
      return createHmac('sha256', seal.secret).update(data).digest('base64url');
    case 'ES256':
      return sign('sha256', data, { key: seal.key, dsaEncoding: 'ieee-p1363' }).toString(
        'base64url',
      );
    case 'PS256':
      return sign('sha256', data, {
        key: seal.key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: 32,
      }).toString('base64url');
    default:
      return sign(`sha${seal.alg.slice(2)}`, data, seal.key).toString('base64url');
  }
}
