/** How the store reaches Snowflake; read from the settings, and handed on. */
export interface SnowflakeOptions {
  /** The account identifier, such as `myorg-myaccount`. */
  readonly account: string;
  /** Where the account is reached; absent, at its public address. */
  readonly accessUrl: string | undefined;
  /** Absent, the one whose identity the workload has. */
  readonly user: string | undefined;
  readonly login: SnowflakeLogin;
  /** The role to work in; absent, the user's default. */
  readonly role: string | undefined;
  readonly warehouse: string;
  readonly database: string;
  readonly schema: string;
  readonly tables: TableKind;
  /** Sessions at the most. */
  readonly poolSize: number;
  /** How long an operation may wait for a session, in milliseconds. */
  readonly poolWaitMs: number;
  /** How many may wait for a session; more are refused at once. */
  readonly poolQueue: number;
  /** How long an operation may take in all, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether the driver may report on itself to Snowflake. */
  readonly telemetry: boolean;
}

/** How the user proves who it is. */
export type SnowflakeLogin =
  | { readonly kind: 'password'; readonly password: string }
  /** An RSA key as PKCS#8 PEM, not encrypted. */
  | { readonly kind: 'key-pair'; readonly privateKey: string }
  /** A token that Snowflake issued, in a file. */
  | { readonly kind: 'programmatic-access-token'; readonly path: string }
  /** A token that an OAuth server issues for each login. */
  | {
      readonly kind: 'oauth-client-credentials';
      readonly clientId: string;
      readonly clientSecret: string;
      readonly tokenUrl: string;
      /** Absent, `session:role:` and the role, where one is set. */
      readonly scope: string | undefined;
    }
  | { readonly kind: 'workload-identity'; readonly identity: WorkloadIdentity };

/** Who attests what this process is. */
export const identityProviders = ['AWS', 'AZURE', 'GCP', 'OIDC'] as const;
export type WorkloadIdentity =
  | {
      readonly provider: 'AWS' | 'GCP';
      /** Roles or service accounts that are taken on one after the other. */
      readonly impersonationPath: readonly string[];
    }
  | {
      readonly provider: 'AZURE';
      /** Of a managed identity, where there are several. */
      readonly clientId: string | undefined;
      /** The resource in Entra ID; absent, Snowflake's own. */
      readonly resource: string | undefined;
    }
  /** A token of any issuer, in a file. */
  | { readonly provider: 'OIDC'; readonly path: string };

/** Hybrid tables lock rows and enforce keys; standard tables do neither. */
export const tableKinds = ['hybrid', 'standard'] as const;
export type TableKind = (typeof tableKinds)[number];
