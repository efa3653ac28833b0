import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A numbered schema file, which is applied once. */
export interface SchemaFile {
  readonly version: number;
  /** Such as `0001_deployments.sql`. */
  readonly name: string;
  readonly path: string;
}

/** The schema files of a folder, in order. */
export function schemaFiles(folder: string): SchemaFile[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 4)), name, path: join(folder, name) }));
}
