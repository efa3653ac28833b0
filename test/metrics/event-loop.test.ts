import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createMetrics } from '../../src/metrics/metrics.js';
import { parseExposition, valueOf } from '../support/exposition.js';

describe('the event loop in the metrics', () => {
  function block(milliseconds: number): void {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  }

  it('is late when something blocks it, and however often metrics are read', async () => {
    const metrics = createMetrics('1.2.3');
    const late = async () => {
      const samples = parseExposition(await metrics.render());
      const within = valueOf(samples, 'event_loop_lag_seconds_bucket', { le: '0.1' }) ?? 0;
      return (valueOf(samples, 'event_loop_lag_seconds_count') ?? 0) - within;
    };
    await sleep(50);
    const before = await late();
    block(250);
    await sleep(50);
    const after = await late();
    expect(after).to.be.at.least(before + 1);
    // Reading does not forget, as prom-client's own do: another Prometheus sees the same.
    expect(await late()).to.be.at.least(after);
    metrics.stop();
  });

  it('is at work for as long as it does not wait', async () => {
    const metrics = createMetrics('1.2.3');
    const active = async () =>
      valueOf(parseExposition(await metrics.render()), 'event_loop_active_seconds_total') ?? 0;
    const before = await active();
    block(100);
    await sleep(1);
    expect(await active()).to.be.at.least(before + 0.09);
    metrics.stop();
  });
});
