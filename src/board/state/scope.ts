import { compileGlob } from '../../domain/scopes/glob.js';
import { ignoresCase, scopeOf } from '../../domain/scopes/scope.js';
import type { Place, Scope } from '../../domain/scopes/scope.js';
import type { View } from './filters.js';

/** Whether a scope may have one of the places that are chosen. */
export function mayBeChosen(scope: Scope, { environments, provider, region }: View): boolean {
  return (
    mayHave(scope, 'environment', environments) &&
    mayHave(scope, 'provider', provider === '' ? [] : [provider]) &&
    mayHave(scope, 'region', region === '' ? [] : [region])
  );
}

function mayHave(scope: Scope, part: keyof Scope, chosen: readonly string[]): boolean {
  const glob = scope[part];
  if (glob === undefined || chosen.length === 0) return true;
  return glob !== null && chosen.some(compileGlob(glob, ignoresCase(part)));
}

/** The scope of an environment, with all that is in it. */
export function scopeOfEnvironment(place: Place): Scope {
  const { environment } = scopeOf(place);
  return { environment };
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
