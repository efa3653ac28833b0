/** How people sign in on a page of this service, by an app that is registered with GitHub. */
export interface SignInOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** GitHub's pages, such as `https://github.com`, without a slash at its end. */
  readonly serverUrl: string;
  /** Where browsers find this service, with the path that a proxy serves it under; without a slash at its end. */
  readonly publicUrl: string;
  /** The first one encrypts, each of them decrypts; 32 bytes each. */
  readonly keys: readonly Uint8Array[];
  /** How long a session lasts at the longest, in seconds. */
  readonly lifetimeSeconds: number;
}
