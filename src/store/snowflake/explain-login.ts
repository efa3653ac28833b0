/** What to do about the errors of a login, by number; docs/SNOWFLAKE.md says more. */
const remedies: readonly (readonly [RegExp, string])[] = [
  // https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting
  [
    /^390144$|^394304$|^394306$/,
    'The key does not fit the user: compare DESC USER … RSA_PUBLIC_KEY_FP with the fingerprint of ' +
      'SNOWFLAKE_PRIVATE_KEY_PATH, and the clock of this machine with the time',
  ],
  [/^394300$|^394307$/, 'Check SNOWFLAKE_USER and SNOWFLAKE_ACCOUNT: there is no such user there'],
  [/^39430[1235]$/, 'Compare the clock of this machine with the time'],
  [
    /^3944\d{2}$/,
    'Check the token in SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH: it may have expired, been revoked or be ' +
      "another user's; and the user needs a network policy that lets this machine in",
  ],
  [
    /^3903(03|09|17|18)$/,
    'Check the security integration of the OAuth server: issuer, audience, the claim that names ' +
      'SNOWFLAKE_USER, and a scope for SNOWFLAKE_ROLE',
  ],
  [
    /^ERR_BAD_REQUEST$/,
    'The OAuth server refuses: check SNOWFLAKE_OAUTH_CLIENT_ID, SNOWFLAKE_OAUTH_CLIENT_SECRET, ' +
      'SNOWFLAKE_OAUTH_SCOPE and SNOWFLAKE_OAUTH_TOKEN_URL',
  ],
  [/^390100$/, 'Check SNOWFLAKE_USER and the password, key or token'],
  [/^39010[12]|^390189$/, 'Check that the user is enabled, not locked, and may use SNOWFLAKE_ROLE'],
  [/^39042[02]$/, "Check the user's and the account's network policy: it keeps this machine out"],
  [/^390201$/, 'Check SNOWFLAKE_DATABASE, SNOWFLAKE_SCHEMA, SNOWFLAKE_WAREHOUSE and the grants'],
  [
    /^39[04]\d{3}$/,
    'Snowflake refuses this login: LOGIN_HISTORY has the reason, and for an id in brackets so has ' +
      'SYSTEM$GET_LOGIN_FAILURE_DETAILS',
  ],
  [
    /^40[1-5]\d{3}$/,
    'Check SNOWFLAKE_ACCOUNT (and SNOWFLAKE_ACCESS_URL), and the way to it: DNS, proxy, firewall',
  ],
];

/** What to do about a failed login; `undefined` when nothing is known of it. */
export function adviseOnLogin(error: unknown): string | undefined {
  const code = codeOf(error);
  return remedies.find(([number]) => number.test(code))?.[1];
}

/** An error in words, with a remedy where one is known. It holds no secret: the driver's have none. */
export function explainLogin(error: unknown): string {
  if (!(error instanceof Error)) return 'It failed for an unknown reason';
  const code = codeOf(error);
  const remedy = adviseOnLogin(error);
  const what = code === '' ? error.message : `${error.message} (${code})`;
  return remedy === undefined ? what : `${what}\n${remedy}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
