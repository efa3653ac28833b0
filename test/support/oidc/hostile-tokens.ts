import { hostileClaims } from './hostile-claims.js';
import { hostileHeaders } from './hostile-headers.js';
import { hostileShapes } from './hostile-shapes.js';
import type { HostileToken } from './hostile-token.js';
import type { OidcIssuer } from './oidc-issuer.js';

/**
 * Every hostile token this folder can produce, over 80 of them, signed at the moment of the call.
 *
 * @param issuer the issuer that the service under test trusts, still publishing its current key
 * @param attacker another issuer; none of the tokens may make the service talk to it
 */
export async function hostileTokens(
  issuer: OidcIssuer,
  attacker: OidcIssuer,
): Promise<HostileToken[]> {
  return [
    ...(await hostileHeaders(issuer, attacker)),
    ...hostileClaims(issuer, attacker),
    ...hostileShapes(issuer),
  ];
}
