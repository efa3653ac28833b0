/**
 * The numbers of logins that are refused: 390… by user, password, token, role or policy, 3943… by the JWT of a
 * key pair, 3944… by a programmatic access token
 * (https://docs.snowflake.com/en/sql-reference/functions/system_get_login_failure_details#jwt-token-errors).
 */
const refusals = /^39[04]\d{3}$/;

/** What axios, with which the driver asks an OAuth server for a token, makes of a status from 400 to 499. */
const refusedByOauthServer = 'ERR_BAD_REQUEST';
/** Of these, what passes by itself. */
const passing = [408, 425, 429];

/**
 * Whether whoever was asked to let the service in said no, so that the same login soon would be refused as well.
 *
 * @param error other than of a session that ended, which has numbers among those of refused logins
 */
export function isRefusedLogin(error: Error): boolean {
  const { code, status } = error as { code?: unknown; status?: unknown };
  if (code === refusedByOauthServer) return !passing.includes(Number(status));
  return refusals.test(String(code));
}
