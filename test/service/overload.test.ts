import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { expectProblem, runService } from '../support/http.js';

/** Keeps the event loop busy, a turn after another. */
async function blockUntil(done: () => boolean, turnMs: number): Promise<void> {
  while (!done()) {
    const end = performance.now() + turnMs;
    while (performance.now() < end);
    await setImmediate();
    // The timer that measures has its turn.
    await sleep(1);
  }
}

describe('an event loop that is late', () => {
  const running = runService({ OVERLOAD_LAG_MS: '50' });

  it('makes the API answer 503 early, never management, until it is on time again', async function () {
    this.timeout(30_000);
    const { api, management, logs } = running.service;
    const said = (message: string) => logs.some(({ msg }) => msg === message);
    await api.get('/v1/deployments').expect(200);

    // The service runs in this process, so this process's loop is its own.
    let enough = false;
    const blocked = blockUntil(() => enough, 200);
    while (!said('overloaded, shedding requests')) await sleep(1);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.get('/v1/deployments').then((answer) => answer)),
    );
    await management.get('/health').expect(200);
    await management.get('/ready').expect(200);
    enough = true;
    await blocked;

    const refused = answers.filter(({ status }) => status === 503);
    expect(refused).not.to.be.empty;
    for (const answer of refused) {
      expectProblem(answer, 503, 'overloaded', 'The service is overloaded; try again in 2 seconds');
      expect(answer.headers['retry-after']).to.equal('2');
    }
    const { text } = await management.get('/metrics').expect(200);
    expect(text).to.match(/^requests_refused_total{reason="overloaded"} [1-9]/m);

    while (!said('no longer overloaded')) await sleep(10);
    await api.get('/v1/deployments').expect(200);
    // One line says so, not one for each request that was refused.
    expect(logs.filter(({ msg }) => msg === 'request failed')).to.deep.equal([]);
  });
});
