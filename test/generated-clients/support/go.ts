import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { asTheyAre, asUnknown } from './client.js';
import type { Generator, Program } from './client.js';
import { generate } from './openapi-generator.js';
import { oapiCodegen, run, suite } from './tools.js';

/** Compiles a program of the module in `go/` with what was generated for it. */
async function build(name: string, folder: string): Promise<Program> {
  await run('go', ['build', '-o', join(folder, 'walk.out'), `./${name}`], { cwd: folder });
  return (...parameters) => run(join(folder, 'walk.out'), parameters);
}

export const openApiGeneratorForGo: Generator = {
  name: 'openapi-generator for Go',
  knowsServer: true,
  // An enumeration that is no schema of its own is plain text.
  later: { ...asUnknown, cause: asTheyAre.cause, problem: asTheyAre.problem },
  async make(contract, folder) {
    await cp(join(suite, 'go'), folder, { recursive: true });
    await generate('go', contract, join(folder, 'openapigenerator/deployments'), {
      packageName: 'deployments',
      enumClassPrefix: 'true',
      withGoMod: 'false',
    });
    return build('openapigenerator', folder);
  },
};

export const oapiCodegenForGo: Generator = {
  name: 'oapi-codegen',
  knowsServer: true,
  later: asTheyAre,
  async make(contract, folder) {
    await cp(join(suite, 'go'), folder, { recursive: true });
    const cwd = join(folder, 'oapicodegen');
    await run(await oapiCodegen(), ['-config', 'config.yaml', contract], { cwd });
    return build('oapicodegen', folder);
  },
};
