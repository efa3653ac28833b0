import { expect } from 'chai';
import { runEdge } from '../support/edge.js';

const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';

/** The fault of a parameter. */
interface Fault {
  readonly parameter: string;
  readonly message: string;
}

describe('query parameters', () => {
  const edge = runEdge();

  async function faultsOf(path: string, method = 'GET'): Promise<Fault[]> {
    const response = await fetch(edge.url + path, { method });
    expect(response.status, path).to.equal(422);
    expect(edge.asked).to.deep.equal([]);
    return ((await response.json()) as { errors: Fault[] }).errors;
  }
  const queryOf = async (query: string) => {
    const response = await fetch(`${edge.url}/v1/deployments?${query}`);
    expect(response.status, await response.text()).to.equal(200);
    return edge.asked.at(-1)?.query;
  };

  const lists = ['/v1/deployments', `/v1/deployments/${id}/events`];
  for (const path of lists) {
    for (const value of [
      '0x10',
      '1e2',
      '%205',
      '5%20',
      '+5',
      '%2B5',
      '5.0',
      '5.',
      '٥',
      '1_0',
      'ten',
      '0b1',
      'Infinity',
      'null',
      'true',
      '%09 5',
      '5,6',
      '--5',
    ]) {
      it(`refuse limit=${value} on ${path}: an integer is plain decimal digits`, async () => {
        expect(
          await faultsOf(`${path}?limit=${encodeURI(value).replaceAll('%25', '%')}`),
        ).to.deep.equal([
          { parameter: 'limit', message: 'must be a whole number in decimal digits' },
        ]);
      });
    }

    it(`refuse a limit out of range on ${path}`, async () => {
      for (const [value, message] of [
        ['0', 'must be >= 1'],
        ['-5', 'must be >= 1'],
        ['1001', 'must be <= 1000'],
        ['99999999999999999999', 'must be <= 1000'],
        ['', 'must not be empty'],
      ]) {
        expect(await faultsOf(`${path}?limit=${value}`)).to.deep.equal([
          { parameter: 'limit', message },
        ]);
      }
    });

    it(`refuse what is not known on ${path}, also in brackets`, async () => {
      for (const name of [
        'nme',
        'limit[]',
        'status[0]',
        'name[x]',
        '__proto__',
        'constructor',
        '',
      ]) {
        const [fault] = await faultsOf(`${path}?${encodeURIComponent(name)}=1`);
        expect(fault?.parameter).to.equal(name);
        expect(fault?.message).to.match(/^is not a known query parameter; allowed: /);
      }
    });
  }

  it('are refused when they have one value and are sent twice, also with the same', async () => {
    for (const [path, name, method] of [
      ['/v1/deployments?name=a&name=a', 'name'],
      ['/v1/deployments?limit=1&limit=2', 'limit'],
      ['/v1/deployments?cell=&cell=b', 'cell'],
      ['/v1/deployments?environment=a&status=failed&environment=b', 'environment'],
      [`/v1/deployments/${id}/events?limit=1&limit=1`, 'limit'],
      [
        `/v1/deployments/${id}/rollback?target_version=1&target_version=2`,
        'target_version',
        'POST',
      ],
    ] as const) {
      expect(await faultsOf(path, method)).to.deep.equal([
        { parameter: name, message: 'must be sent once' },
      ]);
    }
  });

  it('have all their faults told at once', async () => {
    const faults = await faultsOf('/v1/deployments?limit=1e2&provider=ibm&nme=x&name=a&name=b');
    expect(faults.map(({ parameter }) => parameter)).to.have.members([
      ...['limit', 'provider', 'nme', 'name'],
    ]);
  });

  it('reach the operation decoded, and as what the contract says', async () => {
    expect(await queryOf('name=caf%C3%A9+au%20lait%2B&limit=007&status=failed')).to.deep.equal({
      name: 'café au lait+',
      limit: 7,
      status: ['failed'],
    });
    expect(await queryOf('&&status=failed&status=deployed&region=a/b:c?d=e')).to.deep.include({
      status: ['failed', 'deployed'],
      region: 'a/b:c?d=e',
    });
  });

  it('are all there is: a fragment, a second question mark and semicolons are values', async () => {
    expect(await queryOf('name=a?b;c')).to.include({ name: 'a?b;c' });
  });
});
