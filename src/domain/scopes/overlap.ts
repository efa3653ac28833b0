import { compileGlob, isPattern } from './glob.js';
import { ignoresCase, scopeParts } from './scope.js';
import type { Scope } from './scope.js';

type Part = keyof Scope;

/** Whether there is a place in both of two scopes; of two patterns it is taken to be so. */
export function mayOverlap(a: Scope, b: Scope): boolean {
  return scopeParts.every((part) => {
    const [one, other] = [a[part], b[part]];
    if (one === undefined || other === undefined) return true;
    if (one === null || other === null) return one === other;
    if (isPattern(one) && isPattern(other)) return true;
    return matches(part, one, other) || matches(part, other, one);
  });
}

/** Whether every place of a scope is in another; of two patterns, only where they are the same. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  return scopeParts.every((part) => {
    const [one, other] = [inner[part], outer[part]];
    if (other === undefined) return true;
    if (one === undefined) return false;
    if (one === null || other === null) return one === other;
    return one === other || (!isPattern(one) && matches(part, other, one));
  });
}

function matches(part: Part, glob: string, value: string): boolean {
  return compileGlob(glob, ignoresCase(part))(value);
}
