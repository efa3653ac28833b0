import type { Reads } from '../../domain/reads.js';
import type { ControlsCache } from '../controls-cache.js';
import type { Row, Statement } from './statement.js';

/** How a read is asked, and what its rows mean. */
export interface Question<Result> {
  readonly statement: Statement;
  readonly parse: (rows: readonly Row[]) => Result;
}

/** Whose data is read, and what is known of it already. */
export interface Source {
  readonly organisation: string;
  readonly controls: ControlsCache;
}

/** Makes the question of a read. */
export type Reader<Name extends keyof Reads> = (
  source: Source,
  of: Reads[Name]['of'],
) => Question<Reads[Name]['gives']>;
