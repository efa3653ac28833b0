import { InvalidSettings, readSettings } from '../../src/settings/settings.js';
import type { Settings } from '../../src/settings/settings.js';

type Environment = Readonly<Record<string, string>>;

/** The settings of a service that lets every organisation in, which would not start if nobody had said so. */
export function settingsWith(environment: Environment = {}): Settings {
  return readSettings({ ALLOWED_ORGANISATIONS: '*', ...environment });
}

/** What is wrong with them, if anything; each organisation is let in. */
export function invalidSettings(environment: Environment = {}): InvalidSettings {
  try {
    settingsWith(environment);
  } catch (error) {
    if (error instanceof InvalidSettings) return error;
    throw error;
  }
  throw new Error('Nothing was wrong');
}
