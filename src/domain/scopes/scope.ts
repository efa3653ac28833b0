import type { components } from '../../../generated/openapi.js';
import type { Taxonomy } from '../deployments/taxonomy.js';
import type { Violation } from '../errors.js';
import { compileGlob, globFault, isPattern } from './glob.js';

/** Places: a part that is not named may be anything, `null` is none. */
export type Scope = components['schemas']['Scope'];

/** The parts of a taxonomy within an organisation. */
export type Place = Omit<Taxonomy, 'organisation'>;

/** The place of a deployment. */
export function placeOf(taxonomy: Place): Place {
  const { name, environment, provider, cloud_account_id, region, cell } = taxonomy;
  return { name, environment, provider, cloud_account_id, region, cell };
}

/** The parts that a scope may name. */
export const scopeParts = [
  'name',
  'environment',
  'provider',
  'cloud_account_id',
  'region',
  'cell',
] as const satisfies readonly (keyof Place)[];

/** Those that are globs. */
const globParts = ['name', 'environment', 'cloud_account_id', 'region', 'cell'] as const;

/** Whether the case of a part does not matter. */
export function ignoresCase(part: keyof Scope): boolean {
  return part === 'environment';
}

/** Compiles a scope without faults: whether it has a place. */
export function compileScope(scope: Scope): (place: Place) => boolean {
  const tests = scopeParts.flatMap((part): ((place: Place) => boolean)[] => {
    const glob = scope[part];
    if (glob === undefined) return [];
    if (glob === null) return [(place) => place[part] === null];
    const matches = compileGlob(glob, ignoresCase(part));
    return [
      (place) => {
        const value = place[part];
        return value !== null && matches(value);
      },
    ];
  });
  return (place) => tests.every((test) => test(place));
}

/**
 * What is wrong with the globs of a scope or of something else.
 *
 * @param pointer to it in the body
 */
export function globFaults<Name extends string>(
  pointer: string,
  names: readonly Name[],
  globs: Readonly<Partial<Record<Name, string | null>>>,
): Violation[] {
  return names.flatMap((name) => {
    const fault = globFault(globs[name] ?? '');
    return fault === undefined ? [] : [{ pointer: `${pointer}/${name}`, message: fault }];
  });
}

/** What a schema cannot say of a scope: globs whose match could take long. */
export function scopeFaults(scope: Scope): Violation[] {
  return globFaults('#/scope', globParts, scope);
}

/** With the fields in one order, and the environment in lower case. */
export function scopeInOneForm(scope: Scope): Scope {
  const { name, environment, provider, cloud_account_id, region, cell } = scope;
  return {
    ...(name !== undefined && { name }),
    ...(environment !== undefined && { environment: environment.toLowerCase() }),
    ...(provider !== undefined && { provider }),
    ...(cloud_account_id !== undefined && { cloud_account_id }),
    ...(region !== undefined && { region }),
    ...(cell !== undefined && { cell }),
  };
}

/**
 * The scope of one taxonomy. Where a part has a character that is one of a pattern, the scope has any character
 * there, and so that place and perhaps others.
 */
export function scopeOf(place: Place): Required<Scope> {
  const { name, environment, provider, cloud_account_id, region, cell } = place;
  return {
    name: literal(name),
    environment: literal(environment),
    provider,
    cloud_account_id: cloud_account_id === null ? null : literal(cloud_account_id),
    region: region === null ? null : literal(region),
    cell: cell === null ? null : literal(cell),
  };
}

function literal(value: string): string {
  return isPattern(value) ? value.replaceAll(/[*[\](){}|"\\$^]/g, '?') : value;
}

/** A scope in words. */
export function describeScope(scope: Scope): string {
  const named = scopeParts.flatMap((part) => {
    const value = scope[part];
    return value === undefined ? [] : [`${part}=${value ?? 'none'}`];
  });
  return named.length === 0 ? 'all places' : named.join(', ');
}
