import { expect } from 'chai';
import { describeTaxonomy, taxonomyKey } from '../../../src/domain/deployments/taxonomy.js';
import type { Taxonomy } from '../../../src/domain/deployments/taxonomy.js';
import { storedDeployment } from '../../support/stored.js';

const bare: Taxonomy = {
  organisation: 'acme',
  name: 'checkout',
  environment: 'production',
  provider: 'gcp',
  cloud_account_id: null,
  region: null,
  cell: null,
};
const full: Taxonomy = { ...bare, cloud_account_id: 'a', region: 'b', cell: 'c' };

describe('taxonomy key', () => {
  it('is the same for the same parts in any order, absent ones included', () => {
    const turned = Object.fromEntries(Object.entries(bare).reverse()) as Taxonomy;

    expect(taxonomyKey(turned)).to.equal(taxonomyKey(bare));
    expect(taxonomyKey({ ...full })).to.equal(taxonomyKey(full));
  });

  it('does not hang on anything else of a deployment', () => {
    const { deployment } = storedDeployment(1, { ...full, version: '9', status: 'failed' });

    expect(taxonomyKey(deployment)).to.equal(taxonomyKey(full));
  });

  it('is 43 characters of base64url', () => {
    expect(taxonomyKey(full)).to.match(/^[\w-]{43}$/);
  });

  const others: Partial<Taxonomy>[] = [
    { organisation: 'globex' },
    { name: 'basket' },
    { environment: 'staging' },
    { provider: 'aws' },
    { cloud_account_id: 'x' },
    { region: 'x' },
    { cell: 'x' },
    { cloud_account_id: null },
    { region: null },
    { cell: null },
    { name: 'Checkout' },
    { name: 'checkout ' },
    { name: 'checkouté' },
    { name: 'checkoute\u0301' },
  ];
  for (const other of others) {
    it(`differs with ${JSON.stringify(other)}`, () => {
      expect(taxonomyKey({ ...full, ...other })).not.to.equal(taxonomyKey(full));
    });
  }

  it('tells the accent from the letter with an accent', () => {
    const composed = taxonomyKey({ ...full, name: 'checkouté' });
    const decomposed = taxonomyKey({ ...full, name: 'checkoute\u0301' });

    expect(composed).not.to.equal(decomposed);
  });

  for (const part of ['cloud_account_id', 'region', 'cell'] as const) {
    it(`tells an absent ${part} from one that looks like it`, () => {
      const keys = [null, '', 'null', 'undefined', 'none', '"null"'].map((value) =>
        taxonomyKey({ ...full, [part]: value }),
      );

      expect(new Set(keys).size).to.equal(keys.length);
    });
  }

  it('does not mix up parts that read the same one after the other', () => {
    const pairs: [name: string, environment: string][] = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['a","b', 'c'],
      ['a', 'b","c'],
      ['a,b', 'c'],
      ['a', 'b,c'],
      ['a\\', '"b'],
      ['a\\","b', ''],
      ['abc', ''],
      ['', 'abc'],
    ];
    const keys = pairs.map(([name, environment]) => taxonomyKey({ ...full, name, environment }));

    expect(new Set(keys).size).to.equal(keys.length);
  });

  it('does not mix up which part is absent', () => {
    const keys = (['cloud_account_id', 'region', 'cell'] as const).map((part) =>
      taxonomyKey({ ...bare, [part]: 'x' }),
    );

    expect(new Set(keys).size).to.equal(3);
  });
});

describe('taxonomy in words', () => {
  it('names every part but the organisation', () => {
    expect(describeTaxonomy(full)).to.equal(
      'name=checkout, environment=production, provider=gcp, cloud_account_id=a, region=b, cell=c',
    );
  });

  it('says none of an absent part', () => {
    expect(describeTaxonomy(bare)).to.contain('cloud_account_id=none, region=none, cell=none');
  });
});
