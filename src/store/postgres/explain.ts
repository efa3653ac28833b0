import { codeOf, ConnectionLost } from './failure.js';

/** What to do about what keeps a store from being opened, by SQLSTATE or code; docs/POSTGRESQL.md says more. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/^28P01$/, 'check the user and the password in DATABASE_URL'],
  [/^28000$/, 'check the user in DATABASE_URL, and pg_hba.conf of the server'],
  [/^3D000$/, 'make the database that DATABASE_URL names: CREATE DATABASE'],
  [
    /^42501$/,
    'grant the role what is named there, or set POSTGRES_MIGRATE=never where another one makes the schema',
  ],
  [/^3F000$/, 'make the schema that the search_path of the role names'],
  [/^25006$/, 'DATABASE_URL leads to a standby, which only reads: name the primary'],
  [/^53300$/, 'the server has no connection left: see POSTGRES_POOL_SIZE and max_connections'],
  [/^55P03$/, 'the database is in use: stop every service on it'],
  [/^57P03$/, 'the server starts or stops: wait for it'],
  [
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ECONNRESET|ENOENT)$/,
    'check host and port in DATABASE_URL, that the server runs, and the way to it',
  ],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_)/,
    "the server's certificate is not one to trust: name its authority with sslrootcert in DATABASE_URL",
  ],
];

/** Says in one line why the database cannot be used, and what to do; never what is in the URL. */
export function explainPostgres(error: unknown): string {
  const cause = error instanceof ConnectionLost ? error.cause : error;
  // An attempt at each address of a name fails for itself.
  const reason = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  const text = reason instanceof Error ? reason.message : String(reason);
  const code = codeOf(reason);
  const remedy = remedies.find(([pattern]) => pattern.test(code))?.[1];
  const named = code === '' || text.includes(code) ? text : `${text} (${code})`;
  return remedy === undefined
    ? `${named} (docs/POSTGRESQL.md)`
    : `${named}: ${remedy} (docs/POSTGRESQL.md)`;
}
