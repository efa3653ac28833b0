import { expect } from 'chai';
import { isAlias, isScalar, isNode, parse, parseDocument, visit } from 'yaml';
import { loadContract } from '../../src/contract/contract.js';
import { portabilityFaults } from './patterns.js';
import { everySchema, schemasOfRequests, schemasOfResponses, title } from './schemas.js';

const contract = loadContract();
const document = contract.document();

describe('the contract, for generators of clients in any language', () => {
  it('is YAML without anchors, aliases, merge keys and tags', () => {
    const found: string[] = [];
    visit(parseDocument(contract.yaml), (key, node) => {
      if (isAlias(node)) found.push(`*${node.source}`);
      else if (isNode(node) && node.anchor !== undefined) found.push(`&${node.anchor}`);
      else if (isNode(node) && node.tag !== undefined) found.push(node.tag);
      if (key === 'key' && isScalar(node) && node.value === '<<') found.push('<<');
    });
    expect(found).to.deep.equal([]);
  });

  it('has no key without a value, as a comma makes of a text that is not in quotes', () => {
    const found: string[] = [];
    visit(parseDocument(contract.yaml), {
      Pair(_key, { key, value }) {
        if (value === null) found.push(String(key));
      },
    });
    expect(found).to.deep.equal([]);
  });

  it('says the same to those who read YAML 1.1', () => {
    expect(parse(contract.yaml, { version: '1.1' })).to.deep.equal(parse(contract.yaml));
  });

  it('names a server at which a client can call', () => {
    const [server] = document['servers'] as {
      url: string;
      variables?: Record<string, { default: string }>;
    }[];
    const url = server?.url.replaceAll(
      /\{(\w+)\}/g,
      (_whole, name: string) => server.variables?.[name]?.default ?? '',
    );
    expect(url).to.match(/^https?:\/\/[^{}]+[^{}/]$/);
    expect(new URL(url ?? '').port).to.equal('8000');
  });

  const patterns = everySchema(document).flatMap(({ pattern }) => pattern ?? []);

  it('has patterns', () => {
    expect(patterns).to.have.length.above(3);
  });

  for (const pattern of new Set(patterns)) {
    it(`has a pattern that every engine reads alike, ${pattern}`, () => {
      expect(portabilityFaults(pattern)).to.deep.equal([]);
      expect(() => new RegExp(pattern)).not.to.throw();
      expect(() => new RegExp(pattern, 'v')).not.to.throw();
    });
  }

  it('has no pattern beside a format: a client that reads an instant or an id has no text to match', () => {
    const both = everySchema(document).filter(({ format, pattern }) => format && pattern);
    expect(both.map(title)).to.deep.equal([]);
  });

  it('lets the objects of responses have further fields', () => {
    const closed = schemasOfResponses(document).filter(
      ({ additionalProperties }) => additionalProperties === false,
    );
    expect(closed.map(title)).to.deep.equal([]);
  });

  it('refuses further fields in requests', () => {
    const open = schemasOfRequests(document).filter(
      ({ type, additionalProperties }) => type === 'object' && additionalProperties !== false,
    );
    expect(open.map(title)).to.deep.equal([]);
  });

  it('says of each enumeration of a response that it may grow', () => {
    const enums = schemasOfResponses(document).filter((schema) => schema.enum !== undefined);
    expect(enums).to.have.length.above(4);
    const silent = enums.filter(
      ({ description = '' }) => !/Responses may hold further\s+values\./.test(description),
    );
    expect(silent.map(title)).to.deep.equal([]);
  });
});

describe('a pattern that some engine does not read', () => {
  const refused: [pattern: string, fault: RegExp][] = [
    [String.raw`^[^\u0000]*$`, /escapes by \\u0000/],
    [String.raw`^[^\ud800-\udfff]*$`, /escapes by \\ud800/],
    [String.raw`^\cA$`, /escapes by \\cA/],
    [String.raw`^\0$`, /escapes by \\0/],
    [String.raw`^\d{4}$`, /differs, \\d/],
    [String.raw`^\p{L}$`, /differs, \\p\{L\}/],
    ['^(?!a)b$', /looks around/],
    ['^a(?<=a)$', /looks around/],
    [String.raw`^(a)\1$`, /refers back/],
    ['^(?<year>a)$', /named group/],
    ['^a{1,4096}$', /too often/],
    ['^a{2000,}$', /too often/],
    [String.raw`^[\w-]$`, /differs, \\w/],
    ['^[!--b]$', /sets/],
    ['^[a&&b]$', /sets/],
    ['^[[a]$', /sets/],
    ['a', /from \^ to \$/],
    ['^a|b$', /from \^ to \$/],
  ];
  for (const [pattern, fault] of refused) {
    it(`is found: ${pattern}`, () => {
      expect(portabilityFaults(pattern).join('; ')).to.match(fault);
    });
  }
});
