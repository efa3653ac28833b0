import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { runService } from '../support/http.js';
import { until } from '../support/until.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('the log', () => {
  const running = runService();
  let requests = 0;

  /** The lines of a request, once it has been answered. */
  function linesOf(requestId: string): Promise<Record<string, unknown>[]> {
    return until('the log has it', () => {
      const lines = running.service.logs.filter((line) => line['requestId'] === requestId);
      return lines.some(({ msg }) => msg === 'request') && lines;
    });
  }

  const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
  const calls: [
    method: 'get' | 'post' | 'patch' | 'put' | 'delete' | 'head',
    url: string,
    path: string,
    operationId: string | undefined,
    status: number,
  ][] = [
    ['get', '/v1/deployments?limit=1', '/v1/deployments', 'listDeployments', 200],
    ['head', '/v1/deployments', '/v1/deployments', 'listDeployments', 200],
    ['post', '/v1/deployments', '/v1/deployments', 'createDeployment', 422],
    ['post', '/v1/deployments/rollback', '/v1/deployments/rollback', 'rollbackTaxonomy', 422],
    ['get', `/v1/deployments/${id}`, '/v1/deployments/{id}', 'getDeployment', 404],
    ['patch', '/v1/deployments/x', '/v1/deployments/{id}', 'updateDeployment', 422],
    ['get', '/v1/deployments/x/events', '/v1/deployments/{id}/events', 'listDeploymentEvents', 422],
    [
      'get',
      `/v1/deployments/${id}/lineage`,
      '/v1/deployments/{id}/lineage',
      'getDeploymentLineage',
      404,
    ],
    [
      'post',
      `/v1/deployments/${id}/rollback`,
      '/v1/deployments/{id}/rollback',
      'rollbackDeployment',
      404,
    ],
    ['put', `/v1/deployments/${id}`, '/v1/deployments/{id}', undefined, 405],
    ['delete', '/v1/nothing/at/all', 'unmatched', undefined, 404],
  ];
  for (const [method, url, path, operationId, status] of calls) {
    it(`has one line for ${method.toUpperCase()} ${url}`, async () => {
      requests += 1;
      const requestId = `request-${requests}`;
      const { organisation } = running.tenant;
      await running.service.api[method](url)
        .set('X-Organisation', organisation)
        .set('X-Request-Id', requestId)
        .expect(status);

      const [line, ...more] = await linesOf(requestId);
      expect(more).to.deep.equal([]);
      const { time, durationMs, ...rest } = line ?? {};
      expect(new Date(String(time)).toISOString()).to.equal(time);
      expect(durationMs).to.be.a('number').within(0, 10_000);
      expect(rest).to.deep.equal({
        level: 30,
        msg: 'request',
        method: method.toUpperCase(),
        path,
        ...(operationId !== undefined && { operationId }),
        status,
        requestId,
        organisation,
      });
    });
  }

  it('has one line for a caller who left while sending', async () => {
    const { hostname, port } = new URL(running.service.apiUrl);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      'POST /v1/deployments HTTP/1.1\r\nHost: x\r\nX-Request-Id: left\r\n' +
        'Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n',
    );
    await once(socket, 'data');
    socket.destroy();
    const [line, ...more] = await linesOf('left');
    expect(more).to.deep.equal([]);
    expect(line).to.include({ level: 30, operationId: 'createDeployment', status: 400 });
  });
});

describe('the request id', () => {
  const running = runService();

  const sane = ['a', 'x'.repeat(128), '5f8d7c1e-run_42.A', '...', '-'];
  for (const sent of sane) {
    it(`is taken over from the caller: ${sent}`, async () => {
      const response = await running.service.api.get('/v1/deployments').set('X-Request-Id', sent);
      expect(response.headers['x-request-id']).to.equal(sent);
    });
  }

  const insane: [what: string, sent: string][] = [
    ['is too long', 'x'.repeat(129)],
    ['is empty', ''],
    ['is blank', '   '],
    ['has a space in it', 'a b'],
    ['has a tab in it', 'a\tb'],
    ['has a line break of Unicode in it', 'a\u0085b'],
    ['has an escaped line break in it', 'a%0Ab'],
    ['has the letters of a line break in it', 'a\\nb'],
    ['has a letter beyond ASCII in it', 'é'],
    ['would end a JSON string', '","level":60,"x":"'],
  ];
  for (const [what, sent] of insane) {
    it(`is replaced when it ${what}`, async () => {
      const response = await running.service.api
        .get('/v1/deployments')
        .set('X-Request-Id', sent)
        .expect(200);
      expect(response.headers['x-request-id']).to.match(uuid);
    });
  }

  it('is replaced when it was sent twice', async () => {
    const response = await fetch(`${running.service.apiUrl}/v1/deployments`, {
      headers: [
        ['X-Request-Id', 'one'],
        ['X-Request-Id', 'two'],
      ],
    });
    expect(response.headers.get('x-request-id')).to.match(uuid);
  });

  it('is a new one for each request that has none', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await running.service.api.get('/')).headers['x-request-id']),
    );
    for (const id of ids) expect(id).to.match(uuid);
    expect(new Set(ids).size).to.equal(3);
  });

  it('comes back with answers of every kind', async () => {
    const { api } = running.service;
    const send = (method: 'get' | 'post' | 'put', path: string, status: number) =>
      api[method](path).set('X-Request-Id', 'mine').expect('X-Request-Id', 'mine').expect(status);
    await send('get', '/openapi.yaml', 200);
    await send('get', '/nothing', 404);
    await send('get', '/v1/nothing', 404);
    await send('get', '/v1/deployments/%zz', 400);
    await send('put', '/v1/deployments', 405);
    await send('post', '/v1/deployments', 422);
    await send('post', '/v1/deployments', 400).type('json').send('{');
    await send('post', '/v1/deployments', 415).type('text').send('{');
  });
});

describe('the request id, while nobody is let in,', () => {
  const running = runService({ AUTH_ENABLED: 'true' });

  it('comes back with 401', async () => {
    const response = await running.service.api.get('/v1/x').set('X-Request-Id', 'mine').expect(401);
    expect(response.headers['x-request-id']).to.equal('mine');
  });
});
