import { expect } from 'chai';
import { withDeadline } from '../../src/platform/deadline.js';
import { errorOf } from '../support/error-of.js';

describe('a deadline', () => {
  const never = () => new Promise<string>(() => undefined);
  const tooLate = () => {
    throw new Error('too late');
  };

  it('gives what comes in time, an error as well', async () => {
    expect(await withDeadline(Promise.resolve('here'), 60_000, tooLate)).to.equal('here');
    const failed = await errorOf(
      withDeadline(Promise.reject(new Error('broken')), 60_000, tooLate),
    );
    expect(failed).to.have.property('message', 'broken');
  });

  it('gives what stands for what is late, or its error', async () => {
    expect(await withDeadline(never(), 1, () => 'instead')).to.equal('instead');
    expect(await withDeadline(never(), 1, () => undefined)).to.equal(undefined);
    expect(await errorOf(withDeadline(never(), 1, tooLate))).to.have.property(
      'message',
      'too late',
    );
  });

  it('does not take what comes in time for late, whatever it is', async () => {
    expect(await withDeadline(Promise.resolve('late'), 60_000, tooLate)).to.equal('late');
  });

  it('lets what is late fail unheard', async () => {
    let fail = (_error: Error): void => undefined;
    const failing = new Promise<never>((_resolve, reject) => (fail = reject));
    let unhandled = 0;
    const count = () => (unhandled += 1);
    process.on('unhandledRejection', count);
    try {
      await withDeadline(failing, 1, () => undefined);
      fail(new Error('afterwards'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).to.equal(0);
    } finally {
      process.off('unhandledRejection', count);
    }
  });
});
