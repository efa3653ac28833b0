import { expect } from 'chai';
import { decodeCursor, encodeCursor, nextPage } from '../../src/operations/cursor.js';
import type { CursorScope } from '../../src/operations/cursor.js';
import { refused } from '../support/refused.js';
import { idOf, instantOf } from '../support/stored.js';

const position = `${instantOf(1)} ${idOf(1)}`;
const list = 'deployments of checkout';
const scope: CursorScope = { organisation: 'acme', list };
const cursor = encodeCursor(position, scope);

/** The same characters in the encoding of a cursor, with something done to them. */
function tampered(change: (text: string) => string): string {
  return Buffer.from(change(Buffer.from(cursor, 'base64url').toString())).toString('base64url');
}

function fault(text: string, of: CursorScope): string {
  const { code, details } = refused(() => decodeCursor(text, of));
  expect(code).to.equal('contract-violation');
  const [violation, ...others] = details.violations ?? [];
  expect(others).to.deep.equal([]);
  expect(violation).to.include({ parameter: 'cursor' });
  return violation?.message ?? '';
}

describe('cursor', () => {
  const positions: [string, string, CursorScope][] = [
    ['an instant and an id', position, scope],
    ['a number', '1000', scope],
    ['a position in a list with a name beyond ASCII', '7', { ...scope, list: 'Kasse "Süd" 🛒' }],
    ['a position in a list without a name', '7', { ...scope, list: '' }],
  ];
  for (const [what, at, of] of positions) {
    it(`gives back ${what}`, () => {
      expect(decodeCursor(encodeCursor(at, of), of)).to.equal(at);
    });
  }

  it('is safe in a URL and within the length that the contract allows', () => {
    expect(cursor).to.match(/^[\w-]{1,512}$/);
  });

  const broken: [string, string][] = [
    ['nothing', ''],
    ['a word', 'next'],
    ['characters that are not base64', '!!!!'],
    ['a part of one', cursor.slice(0, -4)],
    ['one with more at its end', `${cursor}AAAA`],
    ['one with padding', `${cursor}=`],
    ['one with a space before it', ` ${cursor}`],
    ['one with a line break after it', `${cursor}\n`],
    ['one with foreign characters in between', `${cursor.slice(0, 10)}*${cursor.slice(10)}`],
    ['a position alone', tampered((text) => text.slice(0, 61))],
    ['one with tabs for spaces', tampered((text) => text.replaceAll(' ', '\t'))],
    ['one whose text ends in a line break', tampered((text) => `${text}\n`)],
  ];
  for (const [what, text] of broken) {
    it(`is not ${what}`, () => {
      expect(fault(text, scope)).to.match(/^is not a cursor; /);
    });
  }

  it('is not one in another spelling of base64', () => {
    const canonical = encodeCursor(position, scope);
    for (const spelling of [
      `${canonical}=`,
      ` ${canonical}`,
      `${canonical.slice(0, 8)}\n${canonical.slice(8)}`,
    ]) {
      expect(Buffer.from(spelling, 'base64url')).to.deep.equal(Buffer.from(canonical, 'base64url'));
      expect(fault(spelling, scope)).to.match(/^is not a cursor; /);
    }
  });

  const others: [string, CursorScope][] = [
    ['another organisation', { organisation: 'globex', list }],
    ['another name', { organisation: 'acme', list: 'deployments of basket' }],
    ['no name', { organisation: 'acme', list: '' }],
    ['the same letters parted otherwise', { organisation: 'acme"', list: `"${list}` }],
  ];
  for (const [what, of] of others) {
    it(`does not belong to a list with ${what}`, () => {
      expect(fault(cursor, of)).to.match(/^belongs to another list; /);
    });
  }

  it('does not belong to any list with another digest', () => {
    const text = tampered((plain) => `${plain.slice(0, -1)}${plain.endsWith('A') ? 'B' : 'A'}`);

    expect(fault(text, scope)).to.match(/^belongs to another list; /);
  });
});

describe('the header that leads to the next page', () => {
  it('is none without a cursor', () => {
    expect(nextPage('/v1/deployments', { limit: '2' }, undefined)).to.deep.equal({});
  });

  it('is a relative link with all parameters, encoded, and the cursor last', () => {
    const parameters: [string, string][] = [
      ['status', 'scheduled'],
      ['status', 'failed'],
      ['cell', 'a/b c&d>'],
    ];

    expect(nextPage('/v1/deployments', parameters, 'abc')).to.deep.equal({
      Link: '</v1/deployments?status=scheduled&status=failed&cell=a%2Fb+c%26d%3E&cursor=abc>; rel="next"',
    });
  });
});
