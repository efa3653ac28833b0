import { withDeadline } from '../platform/deadline.js';
import { createLogger, standardOutput } from '../platform/logging.js';
import type { Logger } from '../platform/logging.js';
import type { LogOutput } from '../platform/log-output.js';
import { StartupError } from '../platform/startup-error.js';
import type { StopSignals } from '../platform/stop-signals.js';
import { startService } from '../service.js';
import type { Service } from '../service.js';
import { defaultAudience } from '../settings/authentication.js';
import { InvalidSettings, loadSettings, settingHints } from '../settings/settings.js';
import type { Settings } from '../settings/settings.js';
import { describeStore } from '../store/open.js';

/**
 * How long a stop may take, in milliseconds: running requests, the last spans, and closing the store. Then the
 * process ends whatever it is at.
 */
const stopMs = 15_000;

/** How long whoever reads the log may take for its last lines, in milliseconds. */
const lastLinesMs = 1_000;

/** How long something that was left behind may keep the process alive after its stop, in milliseconds. */
const leftBehindMs = 500;

/** After how long a process that was told to stop has ended, in milliseconds. */
export const endMs = stopMs + lastLinesMs + leftBehindMs;

const demoWarning =
  'DEMO: authentication is off, and everybody who reaches this service may read and change everything. ' +
  'Never keep real data here';

/**
 * Starts the service with the settings of the environment, and stops it at the first signal.
 *
 * @param output where its log goes; standard output by default
 */
export async function start(
  signals: StopSignals,
  output: LogOutput = standardOutput(),
): Promise<void> {
  const settings = settingsOrFaults();
  if (settings === undefined) return;
  const { demo } = settings.auth;
  const logger = createLogger(settings.logLevel, output, demo ? { demo } : null);
  signals.lead((signal) => {
    logger.info({ signal }, 'stopped before it listened');
    // No request was handled yet, and a migration is whole or not at all.
    process.exit(0);
  });
  for (const hint of settingHints()) logger.warn({}, hint);
  if (demo) logger.warn({ host: settings.http.host }, demoWarning);
  try {
    const service = await startService(settings, logger);
    signals.lead((signal) => {
      // A terminal sends Ctrl-C to npm and to this process alike.
      signals.lead(() => undefined);
      void stop(service, signal, logger, output);
    });
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

function settingsOrFaults(): Settings | undefined {
  try {
    return loadSettings();
  } catch (error) {
    if (!(error instanceof InvalidSettings)) throw error;
    console.error([error.message, ...settingHints()].join('\n'));
    process.exitCode = 1;
    return undefined;
  }
}

async function stop(
  service: Service,
  signal: NodeJS.Signals,
  logger: Logger,
  output: LogOutput,
): Promise<void> {
  logger.info({ signal }, 'stopping');
  const outcome = await outcomeOf(service, logger);
  process.exitCode = outcome === 'failed' ? 1 : 0;
  await output.flush(lastLinesMs);
  if (outcome === 'late') {
    // An orderly exit would wait for threads that are still at work.
    process.kill(process.pid, 'SIGKILL');
  }
  setTimeout(() => process.exit(), leftBehindMs).unref();
}

async function outcomeOf(service: Service, logger: Logger): Promise<'closed' | 'failed' | 'late'> {
  try {
    const finished = await withDeadline(service.stop(), stopMs, () => undefined);
    if (finished === undefined) {
      logger.error({ finished: false }, `stopped, though not all was closed in ${stopMs / 1000} s`);
      return 'late';
    }
    if (finished) logger.info({ finished }, 'stopped');
    else logger.warn({ finished }, 'stopped, and cut requests that took too long');
    return 'closed';
  } catch (error) {
    logger.error({ err: error }, 'stopped, though not all could be closed');
    return 'failed';
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
