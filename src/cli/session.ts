import type { Deployment } from '../client/client.js';
import type { Environment } from './connection.js';

/** What a command is given to work with. */
export interface Session {
  readonly environment: Environment;
  /** Writes to stdout: the answer, and nothing else. */
  print(text: string): void;
  /** Writes to stderr: what a person may want to know beside it. */
  note(text: string): void;
  /** Tells the GitHub Actions job that this runs in, if any, what was done to which deployment. */
  report(deed: string, deployment: Deployment): Promise<void>;
}
