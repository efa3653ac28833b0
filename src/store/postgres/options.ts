/** How the store reaches PostgreSQL; read from the settings, and handed on. */
export interface PostgresOptions {
  /** Whom to connect to, as which user, and how: `postgres://…`; holds a password. */
  readonly url: string;
  /**
   * Where to listen for what other processes change: a way to the same database that keeps its session, which a
   * pooler in transaction mode does not.
   */
  readonly listenUrl: string;
  /** Whether the schema is brought up to date at the start, or only looked at. */
  readonly migrate: MigrateAt;
  /** Connections for operations at the most; one more listens, and another answers probes. */
  readonly poolSize: number;
  /** How long an operation may wait for a connection, in milliseconds. */
  readonly poolWaitMs: number;
  /** How many may wait for a connection; more are refused at once. */
  readonly poolQueue: number;
  /** How long an operation may take in all, in milliseconds. */
  readonly timeoutMs: number;
}

/** When the schema is brought up to date: at the start of the service, or by `db:migrate` alone. */
export const migrateTimes = ['start', 'never'] as const;
export type MigrateAt = (typeof migrateTimes)[number];
