import { StartupError } from '../platform/startup-error.js';
import type { Store } from './store.js';
import { ApplicationError } from '../domain/errors.js';
import type { Logger } from '../platform/logging.js';
import type { StoreSettings } from '../settings/settings.js';
import type { StoreObserver } from './observer.js';
import { explainPostgres } from './postgres/explain.js';
import { openPostgresStore } from './postgres/store.js';
import { explainLogin } from './snowflake/explain-login.js';
import { openSnowflakeStore } from './snowflake/store.js';
import { findExposed } from './sqlite/permissions.js';
import { openSqliteStore } from './sqlite/store.js';

/**
 * Opens the store that the settings choose. A driver is loaded by its store, and only then.
 *
 * @throws StartupError when it cannot be had, or its schema is not what is needed
 */
export async function openStore(
  settings: StoreSettings,
  logger: Logger,
  observer: StoreObserver,
): Promise<Store> {
  try {
    if (settings.kind === 'snowflake') {
      return await openSnowflakeStore(settings.options, logger, observer);
    }
    if (settings.kind === 'postgres') {
      return await openPostgresStore(settings.options, logger, observer);
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
    const cause = error instanceof ApplicationError ? (error.details.cause ?? error) : error;
    const reason = settings.kind === 'postgres' ? explainPostgres(cause) : explainLogin(cause);
    const message = `Cannot open the store ${describeStore(settings)}: ${reason}`;
    throw new StartupError(message, { cause: error });
  }
}

/** Where the data is, in words. */
export function describeStore(settings: StoreSettings): string {
  if (settings.kind === 'sqlite') return settings.path;
  if (settings.kind === 'postgres') {
    const { host, pathname } = new URL(settings.options.url);
    return `PostgreSQL ${host}${pathname}`;
  }
  const { account, database, schema } = settings.options;
  return `Snowflake ${account} ${database}.${schema}`;
}
