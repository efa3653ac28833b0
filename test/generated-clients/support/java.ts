import { readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { asUnknown } from './client.js';
import type { Generator } from './client.js';
import { generate } from './openapi-generator.js';
import { dependencyPlugin, run, suite } from './tools.js';

export const openApiGeneratorForJava: Generator = {
  name: 'openapi-generator for Java',
  knowsServer: true,
  later: asUnknown,
  async make(contract, folder) {
    await generate('java', contract, folder, {
      library: 'native',
      invokerPackage: 'deployments',
      apiPackage: 'deployments.api',
      modelPackage: 'deployments.model',
      useSingleRequestParameter: 'true',
    });
    const libraries = await classPath(folder);
    const sources = await readdir(join(folder, 'src/main/java'), {
      recursive: true,
      withFileTypes: true,
    });
    const classes = join(folder, 'classes');
    await run('javac', [
      ...['-nowarn', '-d', classes, '-cp', libraries],
      ...sources
        .filter((entry) => entry.name.endsWith('.java'))
        .map((entry) => join(entry.parentPath, entry.name)),
      join(suite, 'java/Walk.java'),
    ]);
    return (...parameters) =>
      run('java', ['-cp', classes + delimiter + libraries, 'Walk', ...parameters]);
  },
};

/** The libraries that the generated `pom.xml` names, from Maven Central. */
async function classPath(folder: string): Promise<string> {
  const file = join(folder, 'class-path.txt');
  await run('mvn', [
    ...['--quiet', '--batch-mode', '-f', join(folder, 'pom.xml')],
    ...[`${dependencyPlugin}:build-classpath`, '-DincludeScope=compile'],
    `-Dmdep.outputFile=${file}`,
  ]);
  return (await readFile(file, 'utf8')).trim();
}
