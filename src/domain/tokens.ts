import { createHash, timingSafeEqual } from 'node:crypto';

/** What is kept of a token. Tokens are random and long, so that a hash without a salt tells nothing. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Whether what is kept is of this token. */
export function isHashOf(tokenHash: string, token: string): boolean {
  return timingSafeEqual(Buffer.from(tokenHash), Buffer.from(hashToken(token)));
}
