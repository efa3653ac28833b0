import { expect } from 'chai';
import { readTraceParent } from '../../src/tracing/traceparent.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('traceparent', () => {
  const valid: [what: string, header: string, sampled: boolean][] = [
    ['that is kept', `00-${traceId}-${spanId}-01`, true],
    ['that is not kept', `00-${traceId}-${spanId}-00`, false],
    ['with flags of a later level', `00-${traceId}-${spanId}-03`, true],
    ['of a later version', `cc-${traceId}-${spanId}-01`, true],
    ['of a later version, with more in it', `cc-${traceId}-${spanId}-00-what-is-new`, false],
  ];
  for (const [what, header, sampled] of valid) {
    it(`names a trace ${what}`, () => {
      expect(readTraceParent(header)).to.deep.equal({ traceId, spanId, sampled });
    });
  }

  const invalid: [what: string, header: string | string[] | undefined][] = [
    ['is not there', undefined],
    ['is empty', ''],
    ['is a list', [`00-${traceId}-${spanId}-01`]],
    ['was sent twice', `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
    ['has the forbidden version', `ff-${traceId}-${spanId}-01`],
    ['has more in it than its version allows', `00-${traceId}-${spanId}-01-x`],
    ['has something after it', `00-${traceId}-${spanId}-01x`],
    ['has a trace of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['has a span of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['is in upper case', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['is too short', `00-${traceId.slice(1)}-${spanId}-01`],
    ['has other letters in it', `00-${traceId.replace('4', 'g')}-${spanId}-01`],
    ['is a token', `00-ghp_${'a'.repeat(28)}-${spanId}-01`],
  ];
  for (const [what, header] of invalid) {
    it(`counts as not sent when it ${what}`, () => {
      expect(readTraceParent(header)).to.equal(undefined);
    });
  }
});
