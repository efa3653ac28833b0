import { expect } from 'chai';
import type { Deployment, StoredDeployment } from '../../../src/domain/deployments/deployment.js';
import { taxonomyKey } from '../../../src/domain/deployments/taxonomy.js';
import type { Taxonomy } from '../../../src/domain/deployments/taxonomy.js';
import { compare, maxCompared } from '../../../src/domain/overview/compare.js';
import type { Difference } from '../../../src/domain/overview/compare.js';
import { pairUp } from '../../../src/domain/overview/pairs.js';
import { decideOver, referenceTaxonomies } from '../../support/reference-reads.js';
import { Random } from '../../support/random.js';
import { storedDeployment } from '../../support/stored.js';

/** A deployment to an environment, `deployed` unless said otherwise. */
type Sent = Partial<Deployment>;
const staging = (version: string, fields: Partial<Deployment> = {}): Sent => ({
  environment: 'staging',
  version,
  ...fields,
});
const production = (version: string, fields: Partial<Deployment> = {}): Sent => ({
  environment: 'production',
  version,
  ...fields,
});

const stored = (sent: readonly Sent[]): StoredDeployment[] =>
  sent.map((fields, nth) => storedDeployment(nth + 1, { status: 'deployed', ...fields }));

/** How production compares with staging. */
function differences(deployments: readonly StoredDeployment[]): readonly Difference[] {
  const all = deployments.map(({ deployment }) => deployment);
  const [from, to] = (['staging', 'production'] as const).map((environment) =>
    referenceTaxonomies(all, { filter: { environment }, limit: 1000 }),
  );
  if (from === undefined || to === undefined) throw new Error('There are two environments');
  return decideOver({ deployments }, compare(pairUp(from, to, 1000).pairs)).result;
}

describe('comparing environments', () => {
  const cases: [what: string, sent: Sent[], state: Difference['state']][] = [
    ['same, where the same runs', [staging('1'), production('1')], 'same'],
    ['behind, where it has yet to get it', [production('1'), staging('1'), staging('2')], 'behind'],
    [
      'ahead, where the other has yet to',
      [staging('1'), production('1'), production('2')],
      'ahead',
    ],
    ['diverged, where each has yet to get the other', [staging('1'), production('2')], 'diverged'],
    [
      'diverged, where each has had the other',
      [staging('2'), staging('1'), production('1'), production('2')],
      'diverged',
    ],
    [
      'behind, where it went back to what the other has had',
      [staging('1'), staging('3'), production('1'), production('2'), production('1')],
      'behind',
    ],
    ['only in from', [staging('1')], 'only_in_from'],
    [
      'only in from, where the other waits',
      [staging('1'), production('1', { status: 'scheduled' })],
      'only_in_from',
    ],
    ['only in to', [production('1')], 'only_in_to'],
    [
      'ahead, by what is being rolled out',
      [staging('1'), production('1'), production('2', { status: 'in_progress' })],
      'ahead',
    ],
    [
      'the same in other accounts and clouds',
      [staging('1', { cloud_account_id: 'a' }), production('1', { provider: 'aws' })],
      'same',
    ],
    [
      'behind, where one of several accounts is',
      [staging('1'), staging('2'), production('2'), production('1', { cloud_account_id: 'b' })],
      'behind',
    ],
  ];
  for (const [what, sent, state] of cases) {
    it(`is ${what}`, () => {
      expect(differences(stored(sent)).map((row) => row.state)).to.deep.equal([state]);
    });
  }

  it('is by name, region and cell, and says what runs on each side', () => {
    const sent = [
      staging('1', { name: 'b', region: 'x' }),
      staging('1', { name: 'b', region: 'y', cell: 'c' }),
      production('2', { name: 'b', region: 'y' }),
      production('1', { name: 'b', region: 'y', cell: 'c', cloud_account_id: 'p' }),
      production('1', { name: 'a', status: 'scheduled' }),
    ];
    const rows = differences(stored(sent));
    expect(rows.map(({ name, region, cell, state }) => [name, region, cell, state])).to.deep.equal([
      ['b', 'x', null, 'only_in_from'],
      ['b', 'y', null, 'only_in_to'],
      ['b', 'y', 'c', 'same'],
    ]);
    expect(rows[2]?.from).to.have.length(1);
    expect(rows[2]?.to[0]).to.deep.include({ provider: 'gcp', cloud_account_id: 'p' });
    expect(rows[2]?.to[0]?.current).to.include({ version: '1', status: 'deployed' });
  });

  it('names a bounded number of accounts', () => {
    const sent = Array.from({ length: 9 }, (_, nth) =>
      staging(`${nth}`, { cloud_account_id: `${nth}` }),
    );
    const [row] = differences(stored(sent));
    expect(row?.from.map((side) => side.cloud_account_id)).to.deep.equal(
      ['0', '1', '2', '3', '4', '5', '6', '7', '8'].slice(0, maxCompared),
    );
  });

  it('gives every component once over pages of any size, in one order', () => {
    const random = new Random(1);
    const parts = ['a', 'b', 'é', '\u{1f680}', '\uffee', null];
    const all: Taxonomy[] = Array.from({ length: 120 }, () => ({
      organisation: 'acme',
      name: random.pick(['a', 'b', '\u{1f680}', '\uffee']),
      environment: random.pick(['staging', 'production']),
      provider: random.pick(['gcp', 'aws']),
      cloud_account_id: random.pick(parts),
      region: random.pick(parts),
      cell: random.pick([null, 'c']),
    }));
    const read = (limit: number): string[][] => {
      const seen: string[][] = [];
      let key: string | undefined;
      for (;;) {
        const after = key === undefined ? undefined : ({ key, by: 'component' } as const);
        const [from, to] = ['staging', 'production'].map((environment) =>
          referenceTaxonomies(all, { filter: { environment }, after, limit: limit + maxCompared }),
        );
        if (from === undefined || to === undefined) throw new Error('There are two environments');
        const { pairs, more } = pairUp(from, to, limit);
        const members = pairs.map((pair) => [...pair.from, ...pair.to][0]);
        seen.push(...members.map((one) => [one?.name ?? '', one?.region ?? '', one?.cell ?? '']));
        const last = members.at(-1);
        if (!more || last === undefined) return seen;
        key = taxonomyKey(last);
      }
    };
    const whole = read(1000);
    expect(whole).to.have.length.above(20);
    expect(new Set(whole.map((each) => JSON.stringify(each))).size).to.equal(whole.length);
    for (const limit of [1, 2, 3, 7, 50]) expect(read(limit)).to.deep.equal(whole);
  });
});
