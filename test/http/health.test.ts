import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { serveHealth } from '../../src/http/health.js';
import { runService } from '../support/http.js';

describe('/healthz on the port of the API', () => {
  const running = runService({ AUTH_ENABLED: 'true' });

  it('answers whoever asks, and whatever they ask besides', async () => {
    const { api } = running.service;
    for (const path of ['/healthz', '/healthz?from=balancer']) {
      const { body, headers } = await api.get(path).expect(200);
      expect(body).to.deep.equal({ status: 'healthy' });
      expect(headers).to.include({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
    }
    await api.head('/healthz').expect(200);
  });

  it('leaves no line in the log and no request in the metrics', async () => {
    const { api, logs, management } = running.service;
    await api.get('/healthz').expect(200);
    expect(logs.filter(({ msg }) => msg === 'request')).to.deep.equal([]);
    expect((await management.get('/metrics')).text).not.to.match(/^http_requests_total\{/m);
  });

  it('is nothing else, and opens no other path', async () => {
    const { api } = running.service;
    await api.post('/healthz').expect(401);
    for (const path of ['/healthz/', '/healthz/x', '/healthzx', '/HEALTHZ']) {
      await api.get(path).expect(401);
    }
  });

  it('sends balancers elsewhere once the service stops', async () => {
    let draining = false;
    const app = express().use(serveHealth(() => draining));
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;
    try {
      expect((await fetch(url)).status).to.equal(200);
      draining = true;
      const answer = await fetch(url);
      expect(answer.status).to.equal(503);
      expect(await answer.json()).to.deep.equal({ status: 'draining' });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
