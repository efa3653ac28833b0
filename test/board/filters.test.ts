import { expect } from 'chai';
import {
  everything,
  formatView,
  isNarrowed,
  isShown,
  parseView,
} from '../../src/board/state/filters.js';
import type { View } from '../../src/board/state/filters.js';
import { brief, row } from './support/rows.js';

describe("what the board's URL says", () => {
  const views: readonly (readonly [query: string, view: Partial<View>])[] = [
    ['', {}],
    ['?organisation=acme', { organisation: 'acme' }],
    ['?q=check+1.4', { search: 'check 1.4' }],
    ['?environment=staging&environment=production', { environments: ['staging', 'production'] }],
    ['?provider=aws&region=eu-west-1', { provider: 'aws', region: 'eu-west-1' }],
    ['?show=failed', { show: 'failed' }],
    ['?wall', { wall: true }],
    ['?wall&organisation=acme&theme=dark', { wall: true, organisation: 'acme', theme: 'dark' }],
    ['?deployment=019b8d3a', { deployment: '019b8d3a' }],
    ['?q=a%26b%3Dc%22%3C', { search: 'a&b=c"<' }],
  ];
  for (const [query, view] of views) {
    it(`is read and written the same: ${query || 'nothing'}`, () => {
      expect(parseView(query)).to.deep.equal({ ...everything, ...view });
      expect(formatView({ ...everything, ...view })).to.equal(query);
    });
  }

  it('is nothing where it is not known', () => {
    const query = '?show=nonsense&theme=pink&wall=false&environment=&environment=%20&other=1&q=+';
    expect(parseView(query)).to.deep.equal(everything);
  });

  it('names an environment once, in lower case', () => {
    const { environments } = parseView('?environment=Production&environment=Production');
    expect(environments).to.deep.equal(['production']);
  });
});

describe('what the board shows', () => {
  const running = brief({ status: 'in_progress', version: '2.0.0-rc.1' });
  const rows = {
    plain: row(),
    running: row({ name: 'basket', region: 'eu', in_progress: [running], current: running }),
    waiting: row({ name: 'mailer', provider: 'aws', waiting: { count: 2, next: null } }),
    failed: row({ environment: 'staging', current: brief({ status: 'failed' }) }),
  };
  const cases: readonly (readonly [view: Partial<View>, shown: (keyof typeof rows)[]])[] = [
    [{}, ['plain', 'running', 'waiting', 'failed']],
    [{ show: 'running' }, ['running']],
    [{ show: 'waiting' }, ['waiting']],
    [{ show: 'failed' }, ['failed']],
    [{ environments: ['staging'] }, ['failed']],
    [{ environments: ['staging', 'production'] }, ['plain', 'running', 'waiting', 'failed']],
    [{ provider: 'aws' }, ['waiting']],
    [{ region: 'eu' }, ['running']],
    [{ search: 'BASKET' }, ['running']],
    [{ search: 'rc.1 eu' }, ['running']],
    [{ search: 'rc.1 us' }, []],
    [{ search: 'octocat' }, ['plain', 'running', 'waiting', 'failed']],
    [{ search: '  ' }, ['plain', 'running', 'waiting', 'failed']],
    [{ search: 'octocat', show: 'failed' }, ['failed']],
  ];
  for (const [view, shown] of cases) {
    it(`is ${shown.join(', ') || 'nothing'} for ${JSON.stringify(view)}`, () => {
      const found = Object.entries(rows).filter(([, each]) =>
        isShown(each, { ...everything, ...view }),
      );
      expect(found.map(([name]) => name)).to.deep.equal(shown);
    });
  }

  it('is narrowed by filters alone, not by whose it is or how it looks', () => {
    expect(isNarrowed({ ...everything, organisation: 'acme', wall: true, theme: 'dark' })).to.be
      .false;
    for (const view of [
      { search: 'a' },
      { environments: ['b'] },
      { provider: 'gcp' },
      { region: 'c' },
      { show: 'failed' },
    ] as const) {
      expect(isNarrowed({ ...everything, ...view }), JSON.stringify(view)).to.be.true;
    }
  });
});
