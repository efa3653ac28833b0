import { laterValues } from '../../support/later-service.js';

/**
 * A program that uses a generated client: `walk` takes a service's address and the name of a component,
 * `later` an address and the id of a deployment.
 *
 * @returns what it prints, which is JSON
 */
export type Program = (command: 'walk' | 'later', url: string, argument: string) => Promise<string>;

/** What a program tells of the values that its contract does not have. */
export type ToldOfLater = Readonly<Record<keyof typeof laterValues, string>>;

/** A generator of clients. */
export interface Generator {
  /** Its name, and what it generates. */
  readonly name: string;
  /** Whether its client calls the contract's server when it is told of no other. */
  readonly knowsServer: boolean;
  /**
   * What its client makes of values and fields that the contract does not have; `refused` when it
   * refuses the whole response, and has to be generated without enumerations to take them.
   */
  readonly later: ToldOfLater | 'refused';
  /**
   * Generates a client and compiles a program that uses it.
   *
   * @param contract path of the document
   * @param folder an empty one, for everything that is made
   * @throws ToolMissing
   */
  make(contract: string, folder: string): Promise<Program>;
}

/** Values are handed on as they are. */
export const asTheyAre: ToldOfLater = laterValues;

const unknown = 'unknown_default_open_api';

/** One value stands for each that is not known: openapi-generator's `enumUnknownDefaultCase`. */
export const asUnknown: ToldOfLater = {
  status: unknown,
  provider: unknown,
  type: unknown,
  trigger: unknown,
  cause: unknown,
  problem: unknown,
};
