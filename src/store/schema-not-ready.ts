import { StartupError } from '../platform/startup-error.js';

/** The schema is not what this version of the service needs; the message names the command. */
export class SchemaNotReady extends StartupError {
  override readonly name: string = 'SchemaNotReady';
}
