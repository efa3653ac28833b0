import { expect } from 'chai';
import { loadContract } from '../../src/contract/contract.js';
import { strictDocument } from '../../src/http/strict-document.js';

describe('the contract as the service checks it', () => {
  const contract = loadContract();
  const strict = strictDocument(contract);
  const operations = contract.operations.map((each) => strict.operation(each));

  /** Every `$ref` in a value. */
  function referencesIn(value: unknown): unknown[] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) =>
      key === '$ref' ? [inner] : referencesIn(inner),
    );
  }

  it('refers to schemas alone, by their URIs, so that each is compiled once', () => {
    const references = referencesIn([operations, strict.schemas]);
    expect(references).to.include('contract:Problem').and.include('contract:Deployment');
    expect(Object.keys(strict.schemas)).to.include.members([...new Set(references)]);
  });

  it('has every response that the contract has', () => {
    const described = contract.operations.map(({ path, method }) => {
      const paths = contract.document()['paths'] as Record<string, Record<string, never>>;
      const { responses } = paths[path]?.[method.toLowerCase()] as unknown as { responses: object };
      return Object.keys(responses);
    });
    expect(operations.map(({ responses }) => Object.keys(responses as object))).to.eql(described);
  });
});
