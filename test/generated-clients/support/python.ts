import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Generator, Program } from './client.js';
import { generate } from './openapi-generator.js';
import { pythonTools, run, suite } from './tools.js';

/** A program of the folder `python/` that finds what was generated in another folder. */
function program(name: string, folder: string): Program {
  return (...parameters) =>
    run(join(pythonTools(), 'python'), [join(suite, 'python', name), ...parameters], {
      env: { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
    });
}

export const openApiGeneratorForPython: Generator = {
  name: 'openapi-generator for Python',
  knowsServer: true,
  later: 'refused',
  async make(contract, folder) {
    pythonTools();
    await generate('python', contract, folder, { packageName: 'openapi_client' });
    return program('openapi_generator.py', folder);
  },
};

export const openApiPythonClient: Generator = {
  name: 'openapi-python-client',
  knowsServer: false,
  later: 'refused',
  async make(contract, folder) {
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify({ post_hooks: [] }));
    await run(join(pythonTools(), 'openapi-python-client'), [
      ...['generate', '--path', contract, '--config', config],
      ...['--meta', 'none', '--output-path', join(folder, 'deployments')],
      '--fail-on-warning',
    ]);
    return program('openapi_python_client.py', folder);
  },
};

export const datamodelCodegen: Generator = {
  name: 'datamodel-codegen for pydantic 2',
  knowsServer: false,
  later: 'refused',
  async make(contract, folder) {
    await run(join(pythonTools(), 'datamodel-codegen'), [
      ...['--input', contract, '--input-file-type', 'openapi'],
      ...['--output', join(folder, 'models.py')],
      ...['--output-model-type', 'pydantic_v2.BaseModel', '--target-python-version', '3.11'],
      ...['--collapse-root-models', '--use-annotated', '--formatters', 'builtin'],
    ]);
    return program('datamodel_codegen.py', folder);
  },
};
