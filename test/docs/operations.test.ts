import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createClient, noCredentials } from '../../src/client/client.js';
import { loadContract } from '../../src/contract/contract.js';
import { packageFile } from '../../src/platform/package-file.js';

interface Shown {
  readonly operationId: string;
  readonly call: string;
  readonly success: string;
}

/** Each operation of the contract, with its call and what it may succeed with. */
function operations(): Shown[] {
  const contract = loadContract();
  const paths = contract.document()['paths'] as Record<
    string,
    Record<string, { readonly responses: object }>
  >;
  return contract.operations.map(({ operationId, method, path }) => {
    const { responses } = paths[path]?.[method.toLowerCase()] ?? { responses: {} };
    const success = Object.keys(responses).filter((status) => status.startsWith('2'));
    return { operationId, call: `${method} ${path}`, success: success.join(', ') };
  });
}

describe('docs/USAGE.md', () => {
  it('has a row for each operation of the contract, and for nothing else', () => {
    const text = readFileSync(packageFile('docs/USAGE.md'), 'utf8');
    const rows = [
      ...text.matchAll(/^\| `(\w+)` +\| `([A-Z]+ \/v1[^`]*)` +\| ([\d, ]+?) +\|/gm),
    ].map(([, operationId = '', call = '', success = '']) => ({ operationId, call, success }));
    expect(rows).to.have.deep.members(operations());
  });
});

describe('docs/CLIENT.md', () => {
  it('has a row for each method of the client, and for nothing else', () => {
    const client = createClient({ url: 'http://127.0.0.1:1', credentials: noCredentials() });
    const text = readFileSync(packageFile('docs/CLIENT.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `(\w+)\(.*?\)` +\|/gm)].map(([, name]) => name);
    expect(rows).to.have.members(Object.keys(client));
  });
});
