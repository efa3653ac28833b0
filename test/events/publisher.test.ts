import { expect } from 'chai';
import { createPublisher } from '../../src/events/publisher.js';

describe('a publisher', () => {
  it('tells everybody who has subscribed, in order, and nobody who has left', () => {
    const told: string[] = [];
    const publisher = createPublisher<number>();
    publisher.publish(0);
    const leave = publisher.subscribe((message) => told.push(`a${message}`));
    publisher.subscribe((message) => told.push(`b${message}`));
    publisher.publish(1);
    leave();
    leave();
    publisher.publish(2);
    expect(told).to.deep.equal(['a1', 'b1', 'b2']);
  });

  it('takes one listener twice, as two', () => {
    const told: number[] = [];
    const publisher = createPublisher<number>();
    const listener = (message: number) => void told.push(message);
    const leave = publisher.subscribe(listener);
    publisher.subscribe(listener);
    publisher.publish(1);
    leave();
    publisher.publish(2);
    expect(told).to.deep.equal([1, 1, 2]);
  });

  it('lets a listener leave while it is told', () => {
    const told: number[] = [];
    const publisher = createPublisher<number>();
    const leave = publisher.subscribe((message) => {
      told.push(message);
      leave();
    });
    publisher.publish(1);
    publisher.publish(2);
    expect(told).to.deep.equal([1]);
  });
});
