import { StartupError } from '../platform/startup-error.js';
import type { Store } from './store.js';
import { ApplicationError } from '../domain/errors.js';
import type { Logger } from '../platform/logging.js';
import type { StoreSettings } from '../settings/settings.js';
import type { StoreObserver } from './observer.js';
import { explainLogin } from './snowflake/explain-login.js';
import { openSnowflakeStore } from './snowflake/store.js';
import { findExposed } from './sqlite/permissions.js';
import { openSqliteStore } from './sqlite/store.js';

/**
 * Opens the store that the settings choose. Snowflake's driver is loaded by its store, and only then.
 *
 * @throws StartupError when it cannot be had, or its schema is not what is needed
 */
export async function openStore(
  settings: StoreSettings,
  logger: Logger,
  observer: StoreObserver,
): Promise<Store> {
  try {
    if (settings.kind !== 'sqlite') {
      return await openSnowflakeStore(settings.options, logger, observer);
    }
    const store = await openSqliteStore(settings.path, observer);
    const exposed = findExposed(settings.path);
    if (exposed.length > 0) {
      logger.warn(
        { exposed },
        'others than the owner can get at the data: chmod 600 these files, unless that is meant',
      );
    }
    return store;
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const reason = explainLogin(
      error instanceof ApplicationError ? (error.details.cause ?? error) : error,
    );
    const message = `Cannot open the store ${describeStore(settings)}: ${reason}`;
    throw new StartupError(message, { cause: error });
  }
}

/** Where the data is, in words. */
export function describeStore(settings: StoreSettings): string {
  if (settings.kind === 'sqlite') return settings.path;
  const { account, database, schema } = settings.options;
  return `Snowflake ${account} ${database}.${schema}`;
}
