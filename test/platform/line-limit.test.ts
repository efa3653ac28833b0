import { expect } from 'chai';
import { limitLines, limitLog } from '../../src/platform/line-limit.js';
import { until } from '../support/until.js';

describe('a limit of lines', () => {
  /** A log that gathers what was written. */
  function gather() {
    const lines: [message: string, fields: object][] = [];
    const write = (fields: object, message: string): void => {
      lines.push([message, fields]);
    };
    return { lines, log: { warn: write, error: write } };
  }

  it('lets so many a second through, and then says how many it left out', async () => {
    const { lines, log } = gather();
    const limited = limitLog(log, limitLines(log, 3));
    for (let index = 0; index < 10; index += 1) limited.warn({ index }, 'refused');
    limited.error({}, 'out of reach');
    expect(lines.map(([message]) => message)).to.deep.equal(['refused', 'refused', 'refused']);
    const last = await until('the second is over', () => lines[3]);
    expect(last).to.deep.equal(['more was refused than is logged', { leftOut: 8 }]);

    limited.error({}, 'out of reach');
    expect(lines[4]).to.deep.equal(['out of reach', {}]);
  });

  it('says nothing of a second in which nothing was left out', async () => {
    const { lines, log } = gather();
    const limit = limitLines(log, 1);
    for (const message of ['one', 'two']) {
      limit(() => {
        log.warn({}, message);
      });
      // A second, and a little more for its end.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
    }
    expect(lines.map(([message]) => message)).to.deep.equal(['one', 'two']);
  });
});
