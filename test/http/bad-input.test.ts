import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import { inputs } from '../../generated/inputs.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem, runService } from '../support/http.js';
import { until } from '../support/until.js';

describe('bad input', () => {
  const running = runService();

  const postText = (body: string, type = 'application/json') =>
    running.service.api
      .post('/v1/deployments')
      .set('X-Organisation', running.tenant.organisation)
      .set('Content-Type', type)
      .send(body);

  afterEach(async () => {
    // Whatever was refused has left nothing behind, and the service goes on.
    expect(await running.tenant.list()).to.deep.equal([]);
  });

  const full = deploymentBody();
  const known =
    'name, version, environment, provider, cloud_account_id, region, cell, type, auto, commit_sha, commit_at, ' +
    'description, notes, build_uri, deployment_uri, resource, pipeline_extra_params';
  const notAnObject = `must be a JSON object, with fields of: ${known}`;
  const fields: [what: string, body: unknown, pointer: string, message: string | RegExp][] = [
    [
      'an unknown field',
      { ...full, foo: 1 },
      '#/foo',
      /^is not a known field; allowed: name, version/,
    ],
    ['a field the service sets', { ...full, id: 'x' }, '#/id', /^is not a known field/],
    [
      'a wrong enum',
      { ...full, provider: 'ibm' },
      '#/provider',
      /one of the allowed values: gcp, aws, azure$/,
    ],
    ['a wrong type', { ...full, version: 1 }, '#/version', 'must be string'],
    ['a number for a nullable text', { ...full, notes: 1 }, '#/notes', 'must be string or null'],
    ['null for a required field', { ...full, name: null }, '#/name', 'must be string'],
    ['a missing field', { ...full, name: undefined }, '#/name', 'is required'],
    ['an empty name', { ...full, name: '' }, '#/name', 'must NOT have fewer than 1 characters'],
    [
      '256 characters',
      { ...full, name: 'a'.repeat(256) },
      '#/name',
      'must NOT have more than 255 characters',
    ],
    [
      'NUL',
      { ...full, notes: 'a\u0000b' },
      '#/notes',
      'must not contain NUL or unpaired surrogates',
    ],
    [
      'a lone high surrogate',
      { ...full, name: '\ud800' },
      '#/name',
      'must not contain NUL or unpaired surrogates',
    ],
    [
      'a lone low surrogate',
      { ...full, description: 'a\udc00b' },
      '#/description',
      'must not contain NUL or unpaired surrogates',
    ],
    [
      'NUL beside a lone surrogate',
      { ...full, notes: '\u0000\ud800' },
      '#/notes',
      'must not contain NUL or unpaired surrogates',
    ],
    ['a truthy text for a flag', { ...full, auto: 'true' }, '#/auto', 'must be boolean'],
    ['a body that is an array', [full], '#', notAnObject],
    ['a body that is null', null, '#', notAnObject],
    ['a body that is a text', 'deploy it', '#', notAnObject],
  ];
  for (const [what, body, pointer, message] of fields) {
    it(`${what} is refused at ${pointer}`, async () => {
      const response = await postText(JSON.stringify(body));
      expectProblem(response, 422, 'contract-violation');
      expect(response.body.errors).to.have.length(1);
      expect(response.body.errors[0].pointer).to.equal(pointer);
      if (typeof message === 'string') expect(response.body.errors[0].message).to.equal(message);
      else expect(response.body.errors[0].message).to.match(message);
    });
  }

  for (const unpaired of ['\ud800', 'a\udfff', '\udc00\ud800', '\ud83d\ud83d\ude00']) {
    const written = JSON.stringify(unpaired);

    it(`every text of a body is refused with unpaired surrogates, ${written}`, async () => {
      const texts = inputs.createDeployment.filter(
        (input) => input.type === 'string' && input.enum === undefined,
      );
      const body = Object.fromEntries(texts.map(({ name }) => [name, unpaired]));
      const response = await postText(JSON.stringify({ ...full, ...body }));
      expectProblem(response, 422, 'contract-violation');
      const errors = response.body.errors as { pointer: string; message: string }[];
      const pointers = new Set(errors.map(({ pointer }) => pointer));
      expect([...pointers]).to.have.members(texts.map(({ name }) => `#/${name}`));
      // An instant is not even one without them, and no URL can hold them.
      const messages = (pointer: string) =>
        errors.filter((error) => error.pointer === pointer).map(({ message }) => message);
      expect(messages('#/commit_at').join()).to.match(/^must be an instant/);
      for (const pointer of pointers) {
        if (pointer === '#/commit_at') continue;
        expect(messages(pointer)).to.include('must not contain NUL or unpaired surrogates');
      }
    });
  }

  it('__proto__ and constructor keys are unknown fields like any other, and pollute nothing', async () => {
    const text = `{${JSON.stringify(full).slice(1, -1)},"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}`;
    const response = await postText(text);
    expectProblem(response, 422, 'contract-violation');
    const pointers = (response.body.errors as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(pointers).to.have.members(['#/__proto__', '#/constructor']);
    expect(({} as Record<string, unknown>)['x']).to.equal(undefined);
    const proto = await postText(`{"__proto__":${JSON.stringify(full)}}`);
    expectProblem(proto, 422, 'contract-violation', /#\/name is required/);
  });

  it('every fault is told at once, up to twenty', async () => {
    const several = await postText(
      '{"nme": 1, "version": 2, "environment": "", "provider": "x", "type": 3}',
    );
    expect(several.body.errors).to.have.length.greaterThan(5);
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1]));
    const response = await postText(JSON.stringify(many));
    expectProblem(response, 422, 'contract-violation');
    expect(response.body.errors).to.have.length(20);
  });

  it('a body with 10,000 nested arrays is refused like any other wrong type', async () => {
    const nested = '['.repeat(10_000) + ']'.repeat(10_000);
    expectProblem(await postText(nested), 422, 'contract-violation', `The body ${notAnObject}`);
    const inside = await postText(
      JSON.stringify({ ...full, notes: 0 }).replace('0}', `${nested}}`),
    );
    expectProblem(inside, 422, 'contract-violation', '#/notes must be string or null');
  });

  for (const [what, text] of [
    ['broken', '{"name": '],
    ['cut in the middle of a character', '{"name": "\\ud8'],
    ['followed by more', '{} {}'],
    ['with a comment', '{/* */}'],
  ] as const) {
    it(`JSON that is ${what} is malformed`, async () => {
      const response = await postText(text);
      expectProblem(response, 400, 'malformed-request', 'The body is not JSON that can be parsed');
    });
  }

  it('a body of 1 MB is too large, and says how large it may be', async () => {
    const response = await postText(JSON.stringify({ ...full, notes: 'x'.repeat(1024 * 1024) }));
    expectProblem(
      response,
      413,
      'content-too-large',
      'The body is larger than the 102400 bytes allowed',
    );
  });

  it('no body at all says what to send', async () => {
    const response = await running.service.api
      .post('/v1/deployments')
      .set('X-Organisation', running.tenant.organisation);
    expectProblem(
      response,
      422,
      'contract-violation',
      /^The body must be a JSON object, with fields of: name/,
    );
  });

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
    it(`the media type ${type} is not supported, and says what is`, async () => {
      const response = await postText('{}', type);
      expectProblem(
        response,
        415,
        'unsupported-media-type',
        `Content-Type is ${type}; allowed: application/json`,
      );
    });
  }

  it('a body without a media type is not supported, and says what is', async () => {
    const { apiUrl } = running.service;
    const body = new Blob([JSON.stringify(full)]);
    const response = await fetch(`${apiUrl}/v1/deployments`, { method: 'POST', body });
    expect(response.status).to.equal(415);
    const problem = (await response.json()) as { detail: string };
    expect(problem.detail).to.equal(
      'Content-Type is missing or not a media type; allowed: application/json',
    );
  });

  it('a body that is announced in chunks and never comes is none', async () => {
    const { apiUrl } = running.service;
    const query = 'name=checkout&environment=production&provider=gcp';
    const sent = request(`${apiUrl}/v1/deployments/rollback?${query}`, {
      method: 'POST',
      headers: { 'Transfer-Encoding': 'chunked' },
    }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(answer.statusCode).to.equal(404);
    answer.resume();
  });

  it('a charset other than UTF-8, or an unknown encoding, is not supported', async () => {
    expectProblem(
      await postText('{}', 'application/json; charset=latin1'),
      415,
      'unsupported-media-type',
    );
    const encoded = await postText('{}').set('Content-Encoding', 'zstd-and-more');
    expectProblem(encoded, 415, 'unsupported-media-type');
  });

  it('an id that is no UUID is refused on every operation that takes one', async () => {
    for (const [method, path, body] of [
      ['get', '/v1/deployments/42', undefined],
      ['patch', '/v1/deployments/42', { status: 'deployed' }],
      ['post', '/v1/deployments/42/rollback', undefined],
      ['get', '/v1/deployments/42/lineage', undefined],
      ['get', '/v1/deployments/42/events', undefined],
    ] as const) {
      const response = await running.service.api[method](path).send(body);
      expectProblem(response, 422, 'contract-violation', 'id must be a UUID');
    }
  });

  it('an X-Organisation that cannot be a login is refused', async () => {
    for (const name of ['a b', '-a', 'ünï', 'a'.repeat(40), 'a/b', 'a, b']) {
      const response = await running.service.api
        .get('/v1/deployments')
        .set('X-Organisation', Buffer.from(name).toString('latin1'));
      expectProblem(
        response,
        422,
        'contract-violation',
        /^X-Organisation must be a GitHub organisation's login/,
      );
    }
  });

  it('an unknown path is not found, and broken percent-encoding is malformed', async () => {
    const { api } = running.service;
    for (const path of ['/board', '/v1', '/v1/deployment', '/V1/deployments', '/v2/x']) {
      expectProblem(await api.get(path), 404, 'route-not-found', `There is nothing at ${path}`);
    }
    expectProblem(await api.get('/v1/deployments/%ff'), 400, 'malformed-request');
  });

  it('a method that the path does not have names those that it has', async () => {
    for (const [method, path, allowed] of [
      ['put', '/v1/deployments', ['GET', 'HEAD', 'POST']],
      ['delete', '/v1/deployments/019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f', ['GET', 'HEAD', 'PATCH']],
      ['get', '/v1/deployments/rollback', ['POST']],
      ['options', '/v1/deployments', ['GET', 'HEAD', 'POST']],
    ] as const) {
      const response = await running.service.api[method](path);
      expectProblem(response, 405, 'method-not-allowed');
      expect(response.headers['allow']?.split(', ')).to.have.members(allowed);
    }
  });

  it('a request that ends half-way is over, and leaves nothing behind', async () => {
    const { port, hostname } = new URL(running.service.apiUrl);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      'POST /v1/deployments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
        `X-Organisation: ${running.tenant.organisation}\r\nX-Request-Id: half-way\r\n` +
        'Expect: 100-continue\r\nContent-Length: 500\r\n\r\n{"name": "checkout"',
    );
    // By then the service is reading it.
    await once(socket, 'data');
    socket.destroy();
    const { logs } = running.service;
    const line = () => logs.find((each) => each['requestId'] === 'half-way');
    await until('it is over', () => line() !== undefined);
    expect(line()).to.include({ msg: 'request', status: 400 });
  });
});
