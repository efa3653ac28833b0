import { createHash } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';

/** What something was sealed for; it is good for nothing else. */
export type Purpose = 'session' | 'sign-in';

/** What was sealed, and until when that is good, in seconds since the epoch. */
export type Opened = Readonly<Record<string, unknown>> & { readonly exp: number };

/** Seals what a browser is to keep, and can neither read nor change. */
export interface Sealer {
  /** @param expiresAt in seconds since the epoch */
  seal(purpose: Purpose, content: Record<string, unknown>, expiresAt: number): Promise<string>;
  /** `undefined` for what is over, was sealed for something else or by another key, or was changed. */
  open(purpose: Purpose, text: string): Promise<Opened | undefined>;
}

/**
 * Seals as encrypted JWTs (RFC 7519, RFC 7516) by a key that both sides have: `dir` with `A256GCM`.
 *
 * @param keys the first one seals, each of them opens: so a new one can be put before an old one
 * @param now RFC 3339 in UTC
 */
export function createSealer(keys: readonly Uint8Array[], now: () => string): Sealer {
  const [first] = keys;
  if (first === undefined) throw new TypeError('there is no key');
  const byId = new Map(keys.map((key) => [idOf(key), key]));

  return {
    seal: (purpose, content, expiresAt) =>
      new EncryptJWT(content)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: idOf(first) })
        .setAudience(purpose)
        .setExpirationTime(expiresAt)
        .encrypt(first),

    async open(purpose, text) {
      try {
        const { payload } = await jwtDecrypt(text, ({ kid = '' }) => keyOf(byId, kid), {
          audience: purpose,
          requiredClaims: ['exp'],
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          currentDate: new Date(now()),
        });
        return { ...payload, exp: payload.exp ?? 0 };
      } catch {
        // Whoever made it learns nothing of why it is not good.
        return undefined;
      }
    },
  };
}

function keyOf(byId: ReadonlyMap<string, Uint8Array>, id: string): Uint8Array {
  const key = byId.get(id);
  if (key === undefined) throw new TypeError('the key is not known');
  return key;
}

/** Names a key, and tells nothing of it. */
function idOf(key: Uint8Array): string {
  return createHash('sha256').update('key id').update(key).digest('base64url').slice(0, 11);
}
