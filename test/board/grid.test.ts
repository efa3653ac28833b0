import { expect } from 'chai';
import { inOrder, isSameLine, layOut } from '../../src/board/state/grid.js';
import { move, positionsOf } from '../../src/board/state/movement.js';
import type { Direction } from '../../src/board/state/movement.js';
import { placeKey } from '../../src/board/state/place.js';
import { brief, row } from './support/rows.js';

describe('the grid of the board', () => {
  it('has environments in the order in which versions come to them', () => {
    const names = [
      'production',
      'eu',
      'staging',
      'dev',
      'qa',
      'prod-2',
      'prod-10',
      'preview-7',
      'dev',
    ];
    expect(inOrder(names)).to.deep.equal([
      ...['preview-7', 'dev', 'qa', 'eu', 'staging', 'prod-2', 'prod-10', 'production'],
    ]);
  });

  const lines = (rows: Parameters<typeof layOut>[0]) =>
    layOut(rows).groups.flatMap((group) =>
      group.lines.map(({ label, cells }) => [
        group.name,
        label,
        ...cells.map((cell) => cell.length),
      ]),
    );

  it('has one line for a component that is nowhere twice', () => {
    const rows = [row({ environment: 'staging' }), row(), row({ name: 'basket' })];
    expect(lines(rows)).to.deep.equal([
      ['basket', '', 0, 1],
      ['checkout', '', 1, 1],
    ]);
  });

  it('splits a component by provider, region and cell, and names those parts that differ', () => {
    const rows = [
      row({ region: 'eu', cell: 'a' }),
      row({ region: 'eu', cell: 'b' }),
      row({ region: 'us', cell: 'a' }),
      row({ environment: 'staging', region: 'eu', cell: 'a' }),
      row({ name: 'basket', region: 'eu', cell: 'a' }),
      row({ name: 'basket', region: 'eu', cell: 'a', provider: 'aws' }),
      row({ name: 'mailer', region: null }),
      row({ name: 'mailer', region: 'eu' }),
    ];
    expect(lines(rows)).to.deep.equal([
      ['basket', 'aws', 0, 1],
      ['basket', 'gcp', 0, 1],
      ['checkout', 'eu · a', 1, 1],
      ['checkout', 'eu · b', 0, 1],
      ['checkout', 'us · a', 0, 1],
      ['mailer', '', 0, 1],
      ['mailer', 'eu', 0, 1],
    ]);
  });

  it('keeps accounts together: they differ between environments', () => {
    const rows = [
      row({ cloud_account_id: 'acme-prod-1' }),
      row({ cloud_account_id: 'acme-prod-2' }),
      row({ environment: 'staging', cloud_account_id: 'acme-staging' }),
    ];
    expect(lines(rows)).to.deep.equal([['checkout', '', 1, 2]]);
  });

  it('tells lines that show the same from lines that do not', () => {
    const one = row();
    const [line] = layOut([one]).groups[0]?.lines ?? [];
    const [same] = layOut([one]).groups[0]?.lines ?? [];
    const [changed] = layOut([row({ current: brief({ version: '2' }) })]).groups[0]?.lines ?? [];
    const [more] = layOut([one, row({ cloud_account_id: 'x' })]).groups[0]?.lines ?? [];
    if (line === undefined || same === undefined) throw new Error('There is no line');
    if (changed === undefined || more === undefined) throw new Error('There is no line');
    expect(isSameLine(line, same)).to.be.true;
    expect(isSameLine(line, changed)).to.be.false;
    expect(isSameLine(line, more)).to.be.false;
  });
});

describe('the keys that lead from cell to cell', () => {
  // basket: staging, production (two accounts); checkout: production; mailer: staging.
  const basketStaging = row({ name: 'basket', environment: 'staging' });
  const basketOne = row({ name: 'basket', cloud_account_id: '1' });
  const basketTwo = row({ name: 'basket', cloud_account_id: '2' });
  const checkout = row();
  const mailer = row({ name: 'mailer', environment: 'staging' });
  const rows = { basketStaging, basketOne, basketTwo, checkout, mailer };
  const positions = positionsOf(layOut(Object.values(rows)));
  const nameOf = (key: string | undefined) =>
    Object.entries(rows).find(([, each]) => placeKey(each) === key)?.[0];

  const steps: readonly (readonly [from: keyof typeof rows, Direction, to: keyof typeof rows])[] = [
    ['basketStaging', 'right', 'basketOne'],
    ['basketOne', 'right', 'basketTwo'],
    ['basketTwo', 'right', 'basketTwo'],
    ['basketTwo', 'left', 'basketOne'],
    ['basketOne', 'left', 'basketStaging'],
    ['basketStaging', 'left', 'basketStaging'],
    ['basketStaging', 'down', 'mailer'],
    ['basketOne', 'down', 'basketTwo'],
    ['basketTwo', 'down', 'checkout'],
    ['checkout', 'up', 'basketTwo'],
    ['checkout', 'down', 'mailer'],
    ['mailer', 'down', 'mailer'],
    ['mailer', 'up', 'basketStaging'],
    ['checkout', 'first', 'basketStaging'],
    ['checkout', 'last', 'mailer'],
  ];
  for (const [from, direction, to] of steps) {
    it(`${direction} from ${from} is ${to}`, () => {
      expect(nameOf(move(positions, placeKey(rows[from]), direction))).to.equal(to);
    });
  }

  it('begin at the first cell, and lead nowhere where there is none', () => {
    expect(nameOf(move(positions, undefined, 'down'))).to.equal('basketStaging');
    expect(nameOf(move(positions, 'gone', 'left'))).to.equal('basketStaging');
    expect(move([], undefined, 'down')).to.equal(undefined);
  });
});
