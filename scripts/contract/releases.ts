import { readdirSync } from 'node:fs';
import { packageFile } from '../../src/platform/package-file.js';

/** A released contract. */
export interface Release {
  readonly version: string;
  /** The path of its document. */
  readonly file: string;
}

/** The released contracts in `docs/contract`, oldest first. */
export function releases(): Release[] {
  const folder = packageFile('docs/contract');
  return readdirSync(folder)
    .flatMap((name) => {
      const [, version] = /^(\d+\.\d+\.\d+)\.yaml$/.exec(name) ?? [];
      return version === undefined ? [] : [{ version, file: `${folder}/${name}` }];
    })
    .sort((a, b) => compareVersions(a.version, b.version));
}

/**
 * Compares two versions of three numbers (Semantic Versioning 2.0.0, section 11).
 *
 * @returns less than 0 when the first is the older one
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const differences = (left ?? []).map((number, index) => number - (right?.[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
