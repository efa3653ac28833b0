import { StartupError } from './platform/startup-error.js';
import { createLogger } from './platform/logging.js';
import type { Logger } from './platform/logging.js';
import { describeStore } from './store/open.js';
import { startService } from './service.js';
import type { Service } from './service.js';
import { defaultAudience } from './settings/authentication.js';
import { InvalidSettings, loadSettings, settingHints } from './settings/settings.js';
import type { Settings } from './settings/settings.js';

const demoWarning =
  'DEMO: authentication is off, and everybody who reaches this service may read and change everything. ' +
  'Never keep real data here';

/** Starts the service with the settings of the environment, and stops it on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const settings = loadSettings();
  const { demo } = settings.auth;
  const logger = createLogger(settings.logLevel, undefined, demo ? { demo } : null);
  for (const hint of settingHints()) logger.warn({}, hint);
  if (demo) logger.warn({ host: settings.http.host }, demoWarning);
  const leaveStart = endOnSignals(logger);
  try {
    const service = await startService(settings, logger);
    leaveStart();
    stopOnSignals(service, logger);
    warnOfSharedAudience(settings, logger);
    announce(settings, service);
    logger.info({ api: service.apiUrl, management: service.managementUrl }, 'listening');
  } catch (error) {
    // What an operator can mend needs a sentence, not a stack.
    if (error instanceof StartupError) logger.fatal({}, error.message);
    else logger.fatal({ err: error }, 'cannot start');
    process.exitCode = 1;
  }
}

function warnOfSharedAudience({ auth }: Settings, logger: Logger): void {
  if (!auth.enabled || auth.oidc.audience !== defaultAudience) return;
  logger.warn(
    { setting: 'GITHUB_OIDC_AUDIENCE' },
    'the audience is the default, so a token that a job has for another installation is good here ' +
      'too, and one for here is good there: name one of your own, such as the URL of this service',
  );
}

/**
 * Keeps Node from opening its inspector at SIGUSR1, through which whoever may send signals would read all that
 * is in memory, tokens too. `node --disable-sigusr1` does so from the first moment on; not all versions have it.
 */
function keepInspectorShut(): void {
  process.on('SIGUSR1', () => undefined);
}

/**
 * Ends at a signal while the service starts, which may take as long as a store out of reach takes to say
 * so. Without it Linux ignores the signal where this is process 1, as in a container.
 *
 * @returns to be called once the service listens
 */
function endOnSignals(logger: Logger): () => void {
  const end = (signal: NodeJS.Signals): void => {
    logger.info({ signal }, 'stopped before it listened');
    // No request was handled yet, and a migration is whole or not at all.
    process.exit(0);
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  return () => process.off('SIGTERM', end).off('SIGINT', end);
}

/** Stops once, at the first signal: a terminal sends Ctrl-C to npm and to this process alike. */
function stopOnSignals(service: Service, logger: Logger): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      logger.info({ signal }, 'stopping');
      void service.stop().then((finished) => {
        if (finished) logger.info({ finished }, 'stopped');
        else logger.warn({ finished }, 'stopped, and cut requests that took too long');
        // Nothing is left that keeps the process alive.
        process.exitCode = 0;
      });
    });
  }
}

/** Tells a person at a terminal where everything is. */
function announce(settings: Settings, service: Service): void {
  if (settings.auth.enabled) return;
  const { apiUrl, managementUrl } = service;
  console.log(
    `API ${apiUrl}/v1/deployments · contract ${apiUrl}/openapi.yaml · docs ${apiUrl}/docs · ` +
      `management ${managementUrl}/health /ready /metrics · data ${describeStore(settings.store)} · ` +
      `authentication off, organisation ${settings.auth.developmentOrganisation}`,
  );
}

keepInspectorShut();
try {
  await main();
} catch (error) {
  if (!(error instanceof InvalidSettings)) throw error;
  console.error([error.message, ...settingHints()].join('\n'));
  process.exitCode = 1;
}
