import { expect } from 'chai';
import { createLifecycle } from '../../src/background/lifecycle.js';

describe('a lifecycle', () => {
  const task = (name: string, log: string[], fails = false) => ({
    start: () => void log.push(`start ${name}`),
    stop: () => {
      log.push(`stop ${name}`);
      if (fails) throw new Error(`${name} does not stop`);
    },
  });

  it('stops what it started in reverse order, each once', async () => {
    const log: string[] = [];
    const lifecycle = createLifecycle();
    await lifecycle.start(task('a', log));
    lifecycle.onStop(() => void log.push('stop b'));
    await lifecycle.start(task('c', log));
    await lifecycle.stop();
    await lifecycle.stop();
    expect(log).to.deep.equal(['start a', 'start c', 'stop c', 'stop b', 'stop a']);
  });

  it('waits for each before it goes on', async () => {
    const log: string[] = [];
    const lifecycle = createLifecycle();
    lifecycle.onStop(() => void log.push('first'));
    lifecycle.onStop(async () => {
      await new Promise(setImmediate);
      log.push('second');
    });
    await lifecycle.stop();
    expect(log).to.deep.equal(['second', 'first']);
  });

  it('does not stop what did not start', async () => {
    const log: string[] = [];
    const lifecycle = createLifecycle();
    const broken = { ...task('broken', log), start: () => Promise.reject(new Error('no')) };
    await lifecycle.start(task('a', log));
    const error = await lifecycle.start(broken).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('message', 'no');
    await lifecycle.stop();
    expect(log).to.deep.equal(['start a', 'stop a']);
  });

  it('stops the others when one fails to, and says which', async () => {
    const log: string[] = [];
    const lifecycle = createLifecycle();
    for (const [name, fails] of [
      ['a', false],
      ['b', true],
      ['c', true],
    ] as const) {
      await lifecycle.start(task(name, log, fails));
    }
    const error = await lifecycle.stop().catch((thrown: unknown) => thrown);
    expect(log.slice(3)).to.deep.equal(['stop c', 'stop b', 'stop a']);
    expect((error as AggregateError).errors.map(String)).to.deep.equal([
      'Error: c does not stop',
      'Error: b does not stop',
    ]);
  });
});
