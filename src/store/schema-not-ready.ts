import { CannotStart } from '../cannot-start.js';

/** The schema is not what this version of the service needs; the message names the command. */
export class SchemaNotReady extends CannotStart {
  override readonly name: string = 'SchemaNotReady';
}
