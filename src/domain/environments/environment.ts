import type { components } from '../../../generated/openapi.js';

type Schemas = components['schemas'];

/** The settings of an environment as the contract shows them. */
export type Environment = Schemas['EnvironmentSettings'];
/** All that a caller says of an environment. */
export type EnvironmentPut = Schemas['EnvironmentSettingsPut'];

/** The settings of an environment, and how often they have been changed. */
export interface StoredEnvironment {
  readonly environment: Environment;
  /** 0 while nobody has set any. */
  readonly revision: number;
}

/** How an environment is queued for until somebody says otherwise. */
export function defaultEnvironment(name: string): StoredEnvironment {
  return {
    environment: {
      environment: name,
      order: 'newest',
      exclusive: 'taxonomy',
      max_running: 1,
      buffer_seconds: 0,
      queue_ttl_seconds: null,
      max_hold_seconds: null,
      unleased_hold_seconds: 3_600,
      lease_required: false,
      required_approvals: 0,
      updated_at: null,
    },
    revision: 0,
  };
}

/** What can be read of environments. */
export interface EnvironmentReads {
  /** Those that somebody has set, by name, after a name. */
  environments: {
    of: { readonly after: string; readonly limit: number };
    gives: readonly StoredEnvironment[];
  };
}
