import { expect } from 'chai';
import { closedLoop, openLoop } from '../../scripts/bench/load.js';
import { tellOthers } from '../../scripts/bench/report.js';
import { listenOnLoopback } from '../support/loopback-server.js';
import type { LoopbackServer } from '../support/loopback-server.js';

const next = () => ({ method: 'GET', path: '/' }) as const;

describe('a benchmark of a server that refuses some requests', () => {
  let server: LoopbackServer;
  const target = () => ({ url: server.url, headers: () => ({}), status: [200] });
  before(async () => {
    let requests = 0;
    server = await listenOnLoopback((_request, response) => {
      requests += 1;
      response.writeHead(requests % 5 === 0 ? 503 : 200, { 'Content-Length': 2 }).end('{}');
    });
  });
  after(() => server.stop());

  it('goes on, and tells them from those that it answered, in a closed loop', async () => {
    const measured = await closedLoop(target(), 10, { amount: 500 }, next);
    expect(measured.others).to.deep.equal({ 503: 100 });
    expect(measured.latency.totalCount).to.equal(400);
    expect(measured.requestsPerSecond).to.be.greaterThan(0);
  });

  it('and in an open one', async () => {
    const measured = await openLoop(target(), 1_000, 0.5, next);
    expect(measured.others).to.deep.equal({ 503: 100 });
    expect(measured.latency.totalCount).to.equal(400);
  });

  it('has no good answer, and says so, where there was none', async () => {
    const elsewhere = { ...target(), status: [204] };
    const measured = await closedLoop(elsewhere, 1, { amount: 5 }, next);
    expect(measured.requestsPerSecond).to.equal(0);
    expect(measured.others).to.deep.equal({ 200: 4, 503: 1 });
    expect((await openLoop(target(), 0, 1, next)).others).to.deep.equal({});
  });

  it('shows those of all rounds together', () => {
    expect(tellOthers([{ 503: 2 }, {}, { 503: 1, none: 4 }])).to.equal('3 × 503, 4 × none');
    expect(tellOthers([{}, {}])).to.equal('–');
  });
});
