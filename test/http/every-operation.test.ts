import { Agent, request } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { loadContract } from '../../src/contract/contract.js';
import type { ContractOperation } from '../../src/contract/contract.js';
import { runEdge } from '../support/edge.js';

const contract = loadContract();
const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
/** The queries without which an operation cannot be called. */
const queries: Readonly<Record<string, string>> = {
  rollbackTaxonomy: '?name=checkout&environment=production&provider=gcp',
  compareEnvironments: '?from=staging&to=production',
  listFreezeOccurrences: '?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z',
};
const pathOf = ({ path, operationId }: ContractOperation): string =>
  path.replace('{id}', id).replace('{name}', 'production').replace('{environment}', 'production') +
  (queries[operationId] ?? '');
/** What an operation cannot be called without. */
const required = { 'Lease-Token': 'token' };
const takesBody = ({ bodyFields }: ContractOperation): boolean => bodyFields.length > 0;

/** What a call got. */
interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

describe('every operation', () => {
  const edge = runEdge({ BODY_LIMIT_BYTES: '1024' });

  /** Calls with a body that `fetch` would not send. */
  async function call(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders = {},
    body?: string | Buffer,
  ): Promise<Got> {
    const { hostname: host, port } = new URL(edge.url);
    // As it stands: a URL would be put right.
    const sent = request({ host, port, path, method, headers: { ...required, ...headers } });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const text = (await response.setEncoding('utf8').toArray()).join('');
    const { statusCode: status = 0 } = response;
    return { status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  function expectRefusal({ status, headers, body }: Got, expected: number, code: string): void {
    expect(body).to.include({ type: `urn:problem-type:deployment-queue:${code}` });
    expect(status).to.equal(expected);
    expect(headers['content-type']).to.match(/^application\/problem\+json/);
    expect(edge.asked).to.deep.equal([]);
  }

  const json = { 'Content-Type': 'application/json' };
  const large = JSON.stringify({ notes: 'x'.repeat(2000) });
  type Sent = readonly [headers: OutgoingHttpHeaders, body: string | Buffer];
  const withLength = (body: string | Buffer, headers: OutgoingHttpHeaders = json): Sent => [
    { ...headers, 'Content-Length': Buffer.byteLength(body) },
    body,
  ];
  const inChunks = (body: string | Buffer, headers: OutgoingHttpHeaders = json): Sent => [
    { ...headers, 'Transfer-Encoding': 'chunked' },
    body,
  ];

  const bodies: [what: string, ...Sent][] = [
    ['JSON', ...withLength('{"reason":"x"}')],
    ['JSON in chunks', ...inChunks('{"reason":"x"}')],
    ['an empty object', ...withLength('{}')],
    ['text', ...withLength('hello', { 'Content-Type': 'text/plain' })],
    ['text in chunks', ...inChunks('hello', { 'Content-Type': 'text/plain' })],
    ['what says no type', ...withLength('hello', {})],
    ['what says no type, in chunks', ...inChunks('hello', {})],
    ['what is not JSON', ...withLength('{')],
    ['what is too large', ...withLength(large)],
    ['what is too large, in chunks', ...inChunks(large)],
    ['one space', ...withLength(' ')],
    ['what is compressed', ...withLength(gzipSync('{}'), { ...json, 'Content-Encoding': 'gzip' })],
  ];

  for (const operation of contract.operations) {
    const { operationId, method } = operation;
    const path = pathOf(operation);

    describe(operationId, () => {
      const others = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'].filter(
        (other) =>
          !contract.operations.some((each) => each.method === other && pathOf(each) === path),
      );
      for (const other of others) {
        it(`refuses ${other}, and names what its path has`, async () => {
          const got = await call(other, path);
          expectRefusal(got, 405, 'method-not-allowed');
          const allowed = String(got.headers.allow).split(', ');
          expect(allowed).to.include(method).and.not.include(other);
        });
      }

      it('refuses percent-encoding that is not of UTF-8, and names where', async () => {
        const mark = path.includes('?') ? '&' : '?';
        for (const broken of ['%E9', '%', '%zz', '%C3', '%ED%A0%80']) {
          const got = await call(method, `${path}${mark}target_version=${broken}`);
          expectRefusal(got, 400, 'malformed-request');
          expect(got.body, broken).to.have.property('detail').that.includes('target_version');
        }
      });

      if (operation.path.includes('{id}')) {
        it('refuses an id that is not percent-encoded UTF-8, and names it', async () => {
          for (const broken of ['%E9', '%', '%zz']) {
            const got = await call(method, path.replace(id, broken));
            expectRefusal(got, 400, 'malformed-request');
            expect(got.body, broken)
              .to.have.property('detail')
              .that.matches(/\bid\b/);
          }
        });
      }

      if (!takesBody(operation)) {
        for (const [what, headers, body] of bodies) {
          it(`refuses a body, ${what}, since it has none`, async () => {
            const got = await call(method, path, headers, body);
            expectRefusal(got, 422, 'contract-violation');
            expect(got.body).to.deep.include({
              errors: [{ pointer: '#', message: 'must be left out: none is expected' }],
            });
          });
        }

        it('takes an empty body for none', async () => {
          for (const [headers, body] of [withLength(''), inChunks(''), inChunks('', {})]) {
            edge.asked.splice(0);
            await call(method, path, headers, body);
            expect(edge.asked).to.have.length(1);
          }
        });
        return;
      }

      it('takes an empty body for none, whatever it says of itself', async () => {
        const none = await call(method, path);
        for (const [headers, body] of [
          withLength(''),
          inChunks(''),
          inChunks('', {}),
          inChunks('', { 'Content-Type': 'text/plain' }),
        ]) {
          edge.asked.splice(0);
          const { status, body: answer } = await call(method, path, headers, body);
          expect({ status, answer }).to.deep.equal({ status: none.status, answer: none.body });
        }
      });

      for (const [what, headers, body] of [
        ['what is too large', ...withLength(large)],
        ['what is too large, in chunks', ...inChunks(large)],
        [
          'what is too large once it is inflated',
          ...withLength(gzipSync(large), { ...json, 'Content-Encoding': 'gzip' }),
        ],
      ] as const) {
        it(`refuses a body, ${what}`, async () => {
          expectRefusal(await call(method, path, headers, body), 413, 'content-too-large');
        });
      }

      const object = '{"notes":"x"}';
      const utf16 = Buffer.from(object, 'utf16le');
      for (const [what, type, body] of [
        ['text', 'text/plain', object],
        ['a form', 'application/x-www-form-urlencoded', 'a=b'],
        ['two types', ['application/json', 'application/json'], object],
        ['UTF-16', 'application/json; charset=utf-16', utf16],
        ['UTF-16LE', 'application/json; charset=UTF-16LE', utf16],
        ['UTF-7', 'application/json; charset=utf-7', object],
        ['UTF-32', 'application/json; charset=utf-32', object],
        ['Latin 1', 'application/json; charset="iso-8859-1"', object],
        ['ASCII', 'application/json;charset=us-ascii', object],
        ['a charset that there is not', 'application/json; charset=utf-99', object],
      ] as const) {
        it(`refuses a body that says that it is ${what}`, async () => {
          const headers = { 'Content-Type': typeof type === 'string' ? type : [...type] };
          for (const [sent, content] of [withLength(body, headers), inChunks(body, headers)]) {
            expectRefusal(await call(method, path, sent, content), 415, 'unsupported-media-type');
          }
        });
      }

      it('refuses a body of an encoding that is not known', async () => {
        const headers = { ...json, 'Content-Encoding': 'zstd-and-more' };
        const got = await call(method, path, ...withLength(object, headers));
        expectRefusal(got, 415, 'unsupported-media-type');
      });

      for (const [what, body] of [
        ['cut short', '{"notes":'],
        ['a byte E9', Buffer.from('{"notes":"caf\u00e9"}', 'latin1')],
        ['a surrogate in UTF-8', Buffer.from('7b226e6f746573223a22eda080227d', 'hex')],
        ['an overlong slash', Buffer.from('7b226e6f746573223a22c0af227d', 'hex')],
        ['UTF-16 that does not say so', utf16],
      ] as const) {
        it(`refuses a body with ${what}`, async () => {
          for (const [headers, content] of [withLength(body), inChunks(body)]) {
            expectRefusal(await call(method, path, headers, content), 400, 'malformed-request');
          }
        });
      }

      it('takes UTF-8 that says so, in any letters', async () => {
        for (const charset of ['utf-8', 'UTF-8', '"utf-8"']) {
          const type = { 'Content-Type': `Application/JSON; charset=${charset}` };
          const got = await call(method, path, ...withLength('{"unknown":"café"}', type));
          expectRefusal(got, 422, 'contract-violation');
        }
      });
    });
  }

  it('is heard on the same connection again after a body that was refused unread', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (const [headers, body] of [inChunks(large), withLength(large)]) {
        for (const method of ['GET', 'POST', 'GET']) {
          const sent = request(`${edge.url}/v1/deployments`, { method, headers, agent });
          sent.end(body);
          const [response] = (await once(sent, 'response')) as [IncomingMessage];
          await response.toArray();
          expect(response.statusCode).to.equal(method === 'GET' ? 422 : 413);
        }
      }
    } finally {
      agent.destroy();
    }
  });
});
