import { expect } from 'chai';
import type { ListFilter } from '../../src/domain/deployments/reads.js';
import { decodeCursor, encodeCursor } from '../../src/operations/cursor.js';
import type { CursorScope } from '../../src/operations/cursor.js';
import { refused } from '../support/refused.js';
import { idOf, instantOf } from '../support/stored.js';

const position = { created_at: instantOf(1), id: idOf(1) };
const filter: ListFilter = { status: 'scheduled', name: 'checkout' };
const scope: CursorScope = { organisation: 'acme', filter };
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
  const scopes: [string, CursorScope][] = [
    ['with filters', scope],
    ['without a filter', { organisation: 'acme', filter: {} }],
    ['with a filter beyond ASCII', { organisation: 'acme', filter: { name: 'Kasse "Süd" 🛒' } }],
  ];
  for (const [what, of] of scopes) {
    it(`gives back the position in a list ${what}`, () => {
      expect(decodeCursor(encodeCursor(position, of), of)).to.deep.equal(position);
    });
  }

  it('is safe in a URL and within the length that the contract allows', () => {
    expect(cursor).to.match(/^[\w-]{1,512}$/);
  });

  it('does not hang on the order in which the filters are given', () => {
    const turned = { organisation: 'acme', filter: { name: 'checkout', status: 'scheduled' } };

    expect(decodeCursor(cursor, turned as CursorScope)).to.deep.equal(position);
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
    ['another organisation', { organisation: 'globex', filter }],
    ['another value of a filter', { organisation: 'acme', filter: { ...filter, name: 'basket' } }],
    ['a filter less', { organisation: 'acme', filter: { name: 'checkout' } }],
    ['a filter more', { organisation: 'acme', filter: { ...filter, cell: 'cell-1' } }],
    ['no filter', { organisation: 'acme', filter: {} }],
    [
      'the same values in other filters',
      { organisation: 'acme', filter: { status: 'scheduled', environment: 'checkout' } },
    ],
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
