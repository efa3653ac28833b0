import type { Lock, LockCreate } from '../../client/contract.js';
import { compileGlob, isPattern } from '../../domain/scopes/glob.js';
import type { View } from './filters.js';
import type { Place } from './place.js';

/** Places: a part that is not named may be anything, `null` is none. */
export type Scope = Lock['scope'];

const parts = ['name', 'environment', 'provider', 'cloud_account_id', 'region', 'cell'] as const;
type Part = (typeof parts)[number];

/** Whether a scope has a place, as the service decides it. */
export function covers(scope: Scope): (place: Place) => boolean {
  const tests = parts.flatMap((part): ((place: Place) => boolean)[] => {
    const glob = scope[part];
    if (glob === undefined) return [];
    if (glob === null) return [(place) => place[part] === null];
    const matches = matcherOf(part, glob);
    return [
      (place) => {
        const value = place[part];
        return value !== null && matches(value);
      },
    ];
  });
  return (place) => tests.every((test) => test(place));
}

/** Whether a scope may have one of the places that are chosen. */
export function mayBeChosen(scope: Scope, { environments, provider, region }: View): boolean {
  return (
    mayHave(scope, 'environment', environments) &&
    mayHave(scope, 'provider', provider === '' ? [] : [provider]) &&
    mayHave(scope, 'region', region === '' ? [] : [region])
  );
}

function mayHave(scope: Scope, part: Part, chosen: readonly string[]): boolean {
  const glob = scope[part];
  if (glob === undefined || chosen.length === 0) return true;
  return glob !== null && chosen.some(matcherOf(part, glob));
}

/** The case of an environment does not matter. */
function matcherOf(part: Part, glob: string): (value: string) => boolean {
  return compileGlob(glob, part === 'environment');
}

/** The scope of one place alone, as far as a scope can name it: what looks like a pattern has any character there. */
export function scopeOfPlace(place: Place): LockCreate['scope'] {
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

/** The scope of an environment, with all that is in it. */
export function scopeOfEnvironment({ environment }: Place): LockCreate['scope'] {
  return { environment: literal(environment) };
}

function literal(value: string): string {
  return isPattern(value) ? value.replaceAll(/[*[\](){}|"\\$^]/g, '?') : value;
}

const nouns: Readonly<Record<'cloud_account_id' | 'region' | 'cell', string>> = {
  cloud_account_id: 'account',
  region: 'region',
  cell: 'cell',
};

/** A scope in words: `checkout in production · gcp · no region`. */
export function scopeInWords(scope: Scope): string {
  const { name, environment, provider } = scope;
  const details = (['cloud_account_id', 'region', 'cell'] as const).flatMap((part) => {
    const value = scope[part];
    if (value === undefined) return [];
    return [value ?? `no ${nouns[part]}`];
  });
  const where = [environment, provider, ...details].filter((each) => each !== undefined);
  if (where.length === 0) return name ?? 'Everything';
  return `${name ?? 'Everything'} in ${where.join(' · ')}`;
}
