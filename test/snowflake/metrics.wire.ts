import { expect } from 'chai';
import { scrape, valueOf } from '../support/exposition.js';
import { runService } from '../support/http.js';

describe('the metrics of a service on Snowflake', () => {
  const running = runService({
    SNOWFLAKE_POOL_SIZE: '3',
    METRICS_QUEUE_DEPTH_SECONDS: '1',
  });

  it('tell of the sessions of its pool, and of the waits for them', async () => {
    await running.tenant.create();
    await Promise.all(Array.from({ length: 9 }, () => running.tenant.list()));
    const samples = await scrape(running.service);
    expect(valueOf(samples, 'db_pool_sessions_max')).to.equal(3);
    const sessions = ['idle', 'in_use', 'opening'].map(
      (state) => valueOf(samples, 'db_pool_sessions', { state }) ?? 0,
    );
    expect(sessions.reduce((sum, count) => sum + count, 0)).to.equal(3);
    expect(valueOf(samples, 'db_pool_waiting')).to.equal(0);
    const waits = valueOf(samples, 'db_pool_wait_seconds_count', { result: 'served' });
    expect(waits).to.be.at.least(10);
    expect(valueOf(samples, 'db_pool_wait_seconds_count', { result: 'timeout' })).to.equal(0);
  });

  it('tell that it answers, and how deep the queue is', async () => {
    await running.tenant.create({ environment: 'staging' });
    const wanted = { environment: 'staging', status: 'scheduled' };
    for (;;) {
      const samples = await scrape(running.service);
      if (valueOf(samples, 'deployment_queue_depth', wanted) !== 1) continue;
      expect(valueOf(samples, 'db_up')).to.equal(1);
      break;
    }
  });
});
