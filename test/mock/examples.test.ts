import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'chai';
import { OpenAPIBackend } from 'openapi-backend';
import type { Document } from 'openapi-backend';
import supertest from 'supertest';
import { loadContract } from '../../src/contract/contract.js';
import { createLogger } from '../../src/platform/logging.js';
import { createMockApp } from '../../src/mock/app.js';
import { listen } from '../../src/http/server.js';
import type { RunningServer } from '../../src/http/server.js';

/** What is read here of an operation, without references. */
interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly example?: string;
  }[];
  readonly requestBody?: {
    readonly content: Record<string, { readonly examples: Record<string, { value: object }> }>;
  };
  readonly responses: Record<
    string,
    {
      readonly headers?: Record<
        string,
        { readonly required?: boolean; readonly example?: unknown }
      >;
      readonly content?: Record<
        string,
        { readonly schema: object; readonly examples: Record<string, object> }
      >;
    }
  >;
}

const contract = loadContract();
const backend = new OpenAPIBackend({
  definition: contract.document() as unknown as Document,
  quick: true,
  validate: false,
});
await backend.init();
const { default: addFormats } = formats;
const ajv = new Ajv2020({ strict: false });
addFormats(ajv);

/** The example of a `Link`, which is one for all pages, with the path that was asked for. */
const atPath = (link: string, path: string) => link.replace('/v1/deployments?', `${path}?`);

describe('the mock', () => {
  let server: RunningServer;

  before(async () => {
    const app = createMockApp(contract, createLogger('silent'));
    server = await listen(app, '127.0.0.1', 0, '--port');
  });
  after(() => server.stop(0));

  /** Calls an operation as the examples of its required parameters and of its body say. */
  function call(id: string, prefer?: string) {
    const { method = '', path = '' } =
      contract.operations.find(({ operationId }) => operationId === id) ?? {};
    const operation = backend.router.getOperation(id) as unknown as Operation;
    const required = (operation.parameters ?? []).filter((parameter) => parameter.required);
    const filled = required
      .filter((parameter) => parameter.in === 'path')
      .reduce((url, { name, example = '' }) => url.replace(`{${name}}`, example), path);
    const query = required.filter((parameter) => parameter.in === 'query');
    const headers = required.filter((parameter) => parameter.in === 'header');
    const verb = method.toLowerCase() as 'get' | 'post' | 'patch';
    const api = supertest(server.url);
    const request = api[verb](filled)
      .query(Object.fromEntries(query.map(({ name, example }) => [name, example])))
      .set(Object.fromEntries(headers.map(({ name, example = '' }) => [name, example])))
      .set('Authorization', 'Bearer any')
      .set('X-Organisation', 'acme');
    if (prefer !== undefined) void request.set('Prefer', prefer);
    const [body] = Object.values(
      operation.requestBody?.content['application/json']?.examples ?? {},
    );
    return body === undefined ? request : request.send(body.value);
  }

  for (const { operationId } of contract.operations) {
    const { responses } = backend.router.getOperation(operationId) as unknown as Operation;
    const [success = ''] = Object.keys(responses).filter((code) => code.startsWith('2'));

    it(`answers ${operationId} with ${success} unless asked for something else`, async () => {
      expect((await call(operationId)).status).to.equal(Number(success));
    });

    for (const [code, { headers = {}, content = {} }] of Object.entries(responses)) {
      const [[mediaType, { schema, examples }] = ['', { schema: {}, examples: {} }]] =
        Object.entries(content);
      const names = mediaType === '' ? [undefined] : Object.keys(examples);
      for (const name of names) {
        it(`answers ${operationId} with ${code} ${name ?? ''} as the contract says`, async () => {
          const example = name === undefined ? '' : `, example=${name}`;
          const answer = await call(operationId, `code=${code}${example}`);
          expect(answer.status).to.equal(Number(code));
          expect(answer.headers['x-request-id']).to.be.a('string');
          for (const [header, { required, example: value }] of Object.entries(headers)) {
            if (required || (value !== undefined && header !== 'X-Request-Id')) {
              const path = new URL(answer.request.url).pathname;
              const shown = header === 'Link' ? atPath(String(value), path) : String(value);
              expect(answer.headers[header.toLowerCase()], header).to.equal(shown);
            }
          }
          if (mediaType === '') {
            expect(answer.text).to.equal('');
            return;
          }
          expect(answer.headers['content-type']?.split(';')[0]).to.equal(mediaType);
          const validate = ajv.compile(schema);
          const body: unknown = mediaType === 'text/event-stream' ? answer.text : answer.body;
          expect(validate(body), JSON.stringify(validate.errors)).to.be.true;
          if (Number(code) >= 400) {
            expect(answer.body.status).to.equal(answer.status);
            expect(answer.body.instance).to.equal(new URL(answer.request.url).pathname);
          }
        });
      }
    }
  }

  for (const operationId of ['listDeployments', 'listDeploymentEvents']) {
    it(`has two pages of ${operationId}, so that who follows them comes to an end`, async () => {
      const first = await call(operationId);
      const [, next = ''] = /^<(.*)>; rel="next"$/.exec(first.headers['link'] ?? '') ?? [];
      expect(new URL(next, server.url).pathname).to.equal(new URL(first.request.url).pathname);
      const second = await supertest(server.url)
        .get(next)
        .set('Authorization', 'Bearer any')
        .set('X-Organisation', 'acme')
        .expect(200);
      expect(second.headers).not.to.have.property('link');
      expect(second.body).to.deep.equal(first.body);
    });
  }

  it('takes a filter that is repeated, and a rollback with and without a reason', async () => {
    await call('listDeployments').query('status=scheduled&status=cancelled&cell=').expect(200);
    await call('rollbackTaxonomy').send({ reason: 'Errors' }).expect(201);
    const place = '/v1/deployments/rollback?name=checkout&environment=production&provider=gcp';
    await supertest(server.url)
      .post(place)
      .set('Authorization', 'Bearer any')
      .set('X-Organisation', 'acme')
      .expect(201);
  });

  it('answers 304 to who has what it would answer', async () => {
    const { headers } = await call('getDeployment');
    await call('getDeployment')
      .set('If-None-Match', headers['etag'] ?? '')
      .expect(304);
  });

  it('says which answers there are when asked for another', async () => {
    const code = await call('getDeployment', 'code=418');
    expect(code.status).to.equal(400);
    expect(code.body.detail).to.equal(
      'Prefer: the contract has no code "418" here; allowed: 200, 304, 400, 401, 403, 404, 422, 429, 431, 500, 503',
    );
    const example = await call('getDeployment', 'code=404; example="none"');
    expect(example.body.detail).to.equal(
      'Prefer: the contract has no example "none" here; allowed: unknown, source',
    );
    const word = await call('getDeployment', 'code=gone');
    expect(word.body.detail).to.equal('Prefer: code must be a status, such as code=409');
  });

  it('leaves preferences alone that it does not know', async () => {
    expect((await call('createDeployment', 'return=minimal, respond-async')).status).to.equal(201);
  });
});
