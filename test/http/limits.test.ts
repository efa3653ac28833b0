import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { runEdge } from '../support/edge.js';

/** A fault of a request. */
interface Fault {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly message: string;
}

const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
const url = (length: number) => 'https://example.com/'.padEnd(length, 'a');

describe('the length of', () => {
  const edge = runEdge();

  async function send(method: string, path: string, fields?: object): Promise<Fault[]> {
    const response = await fetch(edge.url + path, {
      method,
      headers: fields === undefined ? {} : { 'Content-Type': 'application/json' },
      body: fields === undefined ? null : JSON.stringify(fields),
    });
    const answer = (await response.json()) as { errors?: Fault[] };
    expect(response.status).to.be.oneOf([200, 201, 422]);
    return answer.errors ?? [];
  }
  const create = (fields: object) =>
    send('POST', '/v1/deployments', { ...deploymentBody(), ...fields });
  const update = (fields: object) => send('PATCH', `/v1/deployments/${id}`, fields);
  const rollBack = (fields: object) => send('POST', `/v1/deployments/${id}/rollback`, fields);

  const tooLong = (max: number) => `must NOT have more than ${max} characters`;
  const fields: [field: string, max: number, calls: (typeof create)[]][] = [
    ...['name', 'version', 'environment', 'cloud_account_id', 'region', 'cell', 'resource'].map(
      (field): [string, number, (typeof create)[]] => [field, 255, [create]],
    ),
    ['commit_sha', 64, [create]],
    ['description', 4096, [create]],
    ['notes', 4096, [create, update]],
    ['reason', 4096, [rollBack]],
    ['pipeline_extra_params', 16_384, [create]],
  ];
  for (const [field, max, calls] of fields) {
    for (const [kind, letter] of [
      ['letters', 'a'],
      ['characters beyond the first plane', '😀'],
    ] as const) {
      it(`${field} is up to ${max} ${kind}`, async () => {
        for (const call of calls) {
          expect(await call({ [field]: letter.repeat(max) })).to.deep.equal([]);
          expect(await call({ [field]: letter.repeat(max + 1) })).to.deep.equal([
            { pointer: `#/${field}`, message: tooLong(max) },
          ]);
        }
      });
    }
  }

  for (const [field, calls] of [
    ['build_uri', [create]],
    ['deployment_uri', [create, update]],
  ] as const) {
    it(`${field} is up to 2048`, async () => {
      for (const call of calls) {
        expect(await call({ [field]: url(2048) })).to.deep.equal([]);
        expect(await call({ [field]: url(2049) })).to.deep.equal([
          { pointer: `#/${field}`, message: tooLong(2048) },
        ]);
      }
    });

    for (const value of [
      ...['javascript:alert(1)', 'JAVASCRIPT:alert(1)', `javascript:${'a'.repeat(3000)}`],
      ...['data:text/html,x', 'file:///etc/passwd', 'ftp://example.com', '//example.com', '/x'],
      ...['example.com', '', ' ', 'http://', 'https://', 'https:example.com', ' https://a.example'],
      ...['https://a.example/a b', 'https://a.example/\n', 'https://a.example\u0000'],
    ]) {
      it(`${field} does not make ${JSON.stringify(value.slice(0, 30))} a link`, async () => {
        for (const call of calls) {
          const faults = await call({ [field]: value });
          expect(faults.map(({ pointer }) => pointer)).to.include(`#/${field}`);
          expect(faults.map(({ message }) => message)).to.include('must be an http or https URL');
          expect(edge.asked).to.deep.equal([]);
        }
      });
    }

    it(`${field} may be any page of the web, or none`, async () => {
      for (const value of [...['http://localhost:3000', 'https://a.example/ü?q=%20#x', null]]) {
        for (const call of calls) expect(await call({ [field]: value })).to.deep.equal([]);
      }
    });
  }

  const list = '/v1/deployments?';
  const rollback = '/v1/deployments/rollback?name=a&environment=b&provider=gcp&';
  const inQuery: [name: string, path: string, method: string, max: number][] = [
    ...['name', 'version', 'environment', 'cloud_account_id', 'region', 'cell'].map(
      (name): [string, string, string, number] => [name, list, 'GET', 255],
    ),
    ['cursor', list, 'GET', 2048],
    ...['cloud_account_id', 'region', 'cell', 'target_version'].map(
      (name): [string, string, string, number] => [name, rollback, 'POST', 255],
    ),
    ['target_version', `/v1/deployments/${id}/rollback?`, 'POST', 255],
    ['cursor', `/v1/deployments/${id}/events?`, 'GET', 2048],
  ];
  for (const [name, path, method, max] of inQuery) {
    it(`${name} in the query of ${method} ${path} is up to ${max}`, async () => {
      expect(await send(method, `${path}${name}=${'a'.repeat(max)}`)).to.deep.equal([]);
      expect(await send(method, `${path}${name}=${'a'.repeat(max + 1)}`)).to.deep.equal([
        { parameter: name, message: tooLong(max) },
      ]);
    });
  }
});
