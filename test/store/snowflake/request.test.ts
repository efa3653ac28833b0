import { expect } from 'chai';
import { requestsOf } from '../../../src/store/snowflake/request.js';

describe('a request of several statements', () => {
  it('has NULL and booleans in its text, since Snowflake takes only numbers and texts there', () => {
    const statements = [
      { sql: 'A ?, ?, ?::VARCHAR, ?', values: [1, null, null, true] },
      { sql: 'B ?, ?', values: [false, 'text'] },
    ];
    expect(requestsOf(statements)).to.deep.equal([
      [
        { sql: 'A ?, NULL, NULL::VARCHAR, TRUE', values: [1] },
        { sql: 'B FALSE, ?', values: ['text'] },
      ],
    ]);
  });

  it('stays below a megabyte with its values, and what is more goes into further ones', () => {
    const statements = Array.from({ length: 5 }, (_, nth) => ({
      sql: `A${nth} ?`,
      values: ['ü'.repeat(200_000)],
    }));
    const requests = requestsOf([...statements, { sql: 'COMMIT', values: [] }]);
    expect(requests.map((request) => request.map(({ sql }) => sql))).to.deep.equal([
      ['A0 ?', 'A1 ?'],
      ['A2 ?', 'A3 ?'],
      ['A4 ?', 'COMMIT'],
    ]);
  });

  it('may be of one statement that is too large', () => {
    const large = { sql: 'A ?', values: ['x'.repeat(2_000_000)] };
    expect(requestsOf([large])).to.deep.equal([[large]]);
  });
});
