/** What to do about the errors of a login, by number; docs/SNOWFLAKE.md says more. */
const remedies: readonly (readonly [RegExp, string])[] = [
  // https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting
  [
    /^390144$/,
    'The key does not fit the user: compare DESC USER … RSA_PUBLIC_KEY_FP with the fingerprint of ' +
      'SNOWFLAKE_PRIVATE_KEY_PATH, and the clock of this machine with the time',
  ],
  [/^390100$/, 'Check SNOWFLAKE_USER and the password or key'],
  [/^39010[12]|^390189$/, 'Check that the user is enabled, not locked, and may use SNOWFLAKE_ROLE'],
  [/^390201$/, 'Check SNOWFLAKE_DATABASE, SNOWFLAKE_SCHEMA, SNOWFLAKE_WAREHOUSE and the grants'],
  [
    /^40[1-5]\d{3}$/,
    'Check SNOWFLAKE_ACCOUNT (and SNOWFLAKE_ACCESS_URL), and the way to it: DNS, proxy, firewall',
  ],
];

/** An error in words, with a remedy where one is known. It holds no secret: the driver's have none. */
export function explainLogin(error: unknown): string {
  if (!(error instanceof Error)) return 'It failed for an unknown reason';
  const code = 'code' in error ? String(error.code) : '';
  const remedy = remedies.find(([number]) => number.test(code))?.[1];
  const what = code === '' ? error.message : `${error.message} (${code})`;
  return remedy === undefined ? what : `${what}\n${remedy}`;
}
