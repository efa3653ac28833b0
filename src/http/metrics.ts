/** Counts requests: each starts once, and ends once. */
export interface HttpMetrics {
  httpRequestStarted(): void;
  /** @param endpoint the contract's path template, `unmatched` for any other path */
  httpRequest(method: string, endpoint: string, statusCode: number, seconds: number): void;
}

/** Why a request or connection was refused before any of it reached the app. */
export type ConnectionRefusal =
  'timeout' | 'headers-too-large' | 'malformed' | 'too-many-connections' | 'dropped';

/** Counts what is refused to protect the service. */
export interface RefusalMetrics {
  readonly requestRefused: (
    reason: ConnectionRefusal | 'overloaded' | 'rate-limited' | 'auth-failures',
  ) => void;
}
