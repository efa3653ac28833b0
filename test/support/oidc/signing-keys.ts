import { KeyObject } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

/** A key pair in the forms in which tests need it. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** Public members only; `kid`, `use` and `alg` are left to whoever publishes it. */
  readonly publicJwk: JWK;
  /** The public key as an SPKI PEM, the "secret" of an algorithm confusion attack. */
  readonly publicKeyPem: string;
}

const keys = new Map<string, Promise<SigningKey>>();

/**
 * The RSA-2048 key of a name, generated at most once in a process.
 *
 * Generating one takes up to half a second; issuers that share a name share keys, which tests do not
 * notice because `kid` and `iss` differ.
 */
export function rsaKey(name: string): Promise<SigningKey> {
  return remember(`RSA ${name}`, 'RS256');
}

/** The P-256 key of a name, generated at most once in a process. */
export function ecKey(name: string): Promise<SigningKey> {
  return remember(`EC ${name}`, 'ES256');
}

function remember(name: string, alg: 'RS256' | 'ES256'): Promise<SigningKey> {
  const known = keys.get(name) ?? generate(alg);
  keys.set(name, known);
  return known;
}

async function generate(alg: 'RS256' | 'ES256'): Promise<SigningKey> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  return {
    privateKey: KeyObject.from(pair.privateKey),
    publicJwk: await exportJWK(pair.publicKey),
    publicKeyPem: KeyObject.from(pair.publicKey).export({ type: 'spki', format: 'pem' }).toString(),
  };
}
