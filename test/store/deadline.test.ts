import { expect } from 'chai';
import { ApplicationError } from '../../src/domain/errors.js';
import { createMutexes } from '../../src/store/mutexes.js';
import { DeadlinePassed, startDeadline } from '../../src/store/deadline.js';

describe('the time of an operation', () => {
  it('allows pauses until it is over, then refuses with the reason', async () => {
    const deadline = startDeadline(1_000);
    const cause = new Error('locked');
    let pauses = 0;
    let refused: unknown;
    while (refused === undefined && pauses < 1_000) {
      pauses += 1;
      refused = await deadline.pause(cause).then(
        () => undefined,
        (error: unknown) => error,
      );
    }
    expect(pauses).to.be.greaterThan(2);
    expect(refused).to.be.instanceOf(ApplicationError).with.property('cause', cause);
    expect(deadline.left()).to.be.lessThan(1_000);
  });

  it('ends a call that takes longer, and hands on one that does not', async () => {
    const deadline = startDeadline(30);
    expect(await deadline.within(Promise.resolve(1))).to.equal(1);
    const never = new Promise(() => undefined);
    const error = await deadline.within(never).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(DeadlinePassed);
    expect(deadline.left()).to.be.lessThan(5);
  });
});

describe('a mutex', () => {
  it('lets one through at a time, in order, and is gone with the last', async () => {
    const mutexes = createMutexes();
    const deadline = startDeadline(60_000);
    const order: number[] = [];
    const first = await mutexes.enter('acme', deadline);
    const others = [2, 3].map(async (number) => {
      const leave = await mutexes.enter('acme', deadline);
      order.push(number);
      leave();
    });
    expect(mutexes.isBusy('acme')).to.equal(true);
    expect(mutexes.isBusy('other')).to.equal(false);
    order.push(1);
    first();
    await Promise.all(others);
    expect(order).to.deep.equal([1, 2, 3]);
    expect(mutexes.isBusy('acme')).to.equal(false);
  });

  it('is not kept by one whose time is over before its turn', async () => {
    const mutexes = createMutexes();
    const leave = await mutexes.enter('acme', startDeadline(60_000));
    const late: unknown = await mutexes
      .enter('acme', startDeadline(1))
      .catch((thrown: unknown) => thrown);
    expect(late).to.be.instanceOf(ApplicationError).with.property('code', 'unavailable');
    leave();
    (await mutexes.enter('acme', startDeadline(60_000)))();
    expect(mutexes.isBusy('acme')).to.equal(false);
  });
});
