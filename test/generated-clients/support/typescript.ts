import { cp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFile } from '../../../src/platform/package-file.js';
import { asTheyAre } from './client.js';
import type { Generator } from './client.js';
import { generate } from './openapi-generator.js';
import { run, suite } from './tools.js';

const compilerOptions = {
  target: 'ES2022',
  module: 'NodeNext',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  outDir: 'out',
};

export const openApiGeneratorForTypeScript: Generator = {
  name: 'openapi-generator for TypeScript',
  knowsServer: true,
  later: asTheyAre,
  async make(contract, folder) {
    await generate('typescript-fetch', contract, join(folder, 'deployments'), {
      importFileExtension: '.js',
    });
    await cp(join(suite, 'typescript'), folder, { recursive: true });
    await symlink(packageFile('node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['walk.ts'] }),
    );
    const compiler = packageFile('node_modules/typescript/bin/tsc');
    await run(process.execPath, [compiler, '-p', folder]);
    return (...parameters) => run(process.execPath, [join(folder, 'out/walk.js'), ...parameters]);
  },
};
