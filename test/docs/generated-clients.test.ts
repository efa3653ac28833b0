import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { openResponses } from '../generated-clients/support/openapi-generator.js';
import { oapiCodegenVersion, openApiGeneratorVersion } from '../generated-clients/support/tools.js';

const read = (file: string) => readFileSync(packageFile(file), 'utf8');

describe('docs/GENERATED_CLIENTS.md', () => {
  const text = read('docs/GENERATED_CLIENTS.md');
  const requirements = read('test/generated-clients/requirements.txt');
  const required = (name: string) =>
    new RegExp(`^${name}==(.*)$`, 'm').exec(requirements)?.[1] ?? `no ${name}`;

  it('names each generator and the version that is tested', () => {
    const rows = [...text.matchAll(/^\| ([a-z-]+) +\| (\d[\d.]*) +\|/gm)];
    const named = Object.fromEntries(rows.map(([, name = '', version]) => [name, version]));
    expect(named).to.deep.equal({
      'openapi-generator': openApiGeneratorVersion,
      'oapi-codegen': oapiCodegenVersion,
      'datamodel-code-generator': required('datamodel-code-generator'),
      'openapi-python-client': required('openapi-python-client'),
    });
  });

  it('gives openapi-generator the options that the tests give it', () => {
    const options = Object.entries(openResponses).map(([name, value]) => `${name}=${value}`);
    expect(text).to.include(`--additional-properties=${options.join(',')}\n`);
  });
});
