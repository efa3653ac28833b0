import { expect } from 'chai';
import type { Clock } from '../../src/platform/clock.js';
import { created, idempotentRequest } from '../../src/operations/creation.js';
import { entityTag } from '../../src/operations/entity-tag.js';
import { caller, idOf, instantOf, storedDeployment } from '../support/stored.js';

type Content = Parameters<typeof idempotentRequest>[2];

const clock: Clock = {
  now: () => instantOf(1),
  newIdentity: () => ({ id: idOf(1), at: instantOf(1) }),
};

function fingerprint(content: Content, key = 'k'): string | undefined {
  return idempotentRequest(caller, key, content, clock)?.fingerprint;
}

const content: Content = {
  operationId: 'createDeployment',
  path: { id: idOf(1) },
  query: { target_version: '1', region: 'europe-west1' },
  body: { name: 'checkout', version: '1', cell: null, auto: true },
};

describe('the same request under an Idempotency-Key', () => {
  it('is none without a key', () => {
    expect(idempotentRequest(caller, undefined, content, clock)).to.equal(undefined);
  });

  it('carries its key, whose that is, and the instant of its arrival', () => {
    expect(idempotentRequest(caller, 'k', content, clock)).to.include({
      owner: 'repository acme/checkout',
      key: 'k',
      at: instantOf(1),
    });
  });

  it('is the same whoever asks', () => {
    const other = { ...caller, repository: 'acme/basket' };

    expect(idempotentRequest(other, 'k', content, clock)?.fingerprint).to.equal(
      fingerprint(content),
    );
  });

  const same: [string, Content][] = [
    ['a copy of it', structuredClone(content)],
    [
      'the same content in another order',
      {
        body: { auto: true, cell: null, version: '1', name: 'checkout' },
        query: { region: 'europe-west1', target_version: '1' },
        path: { id: idOf(1) },
        operationId: 'createDeployment',
      },
    ],
  ];
  for (const [what, again] of same) {
    it(`is ${what}`, () => {
      expect(fingerprint(again)).to.equal(fingerprint(content));
    });
  }

  it('is the same whatever the key is', () => {
    expect(fingerprint(content, 'other')).to.equal(fingerprint(content));
  });

  it('is the same with an empty part as without it', () => {
    const { operationId } = content;

    expect(fingerprint({ operationId, path: {}, query: {}, body: {} })).to.equal(
      fingerprint({ operationId }),
    );
  });

  const different: [string, Content][] = [
    ['of another operation', { ...content, operationId: 'rollbackDeployment' }],
    ['with another path', { ...content, path: { id: idOf(2) } }],
    ['with another query', { ...content, query: { ...content.query, region: 'us-east1' } }],
    ['with less of a query', { ...content, query: { target_version: '1' } }],
    ['with another value in its body', { ...content, body: { ...content.body, version: '2' } }],
    ['with another field in its body', { ...content, body: { ...content.body, region: 'x' } }],
    ['with null for a value', { ...content, body: { ...content.body, version: null } }],
    ['with the text of a value', { ...content, body: { ...content.body, auto: 'true' } }],
    [
      'with values that changed places',
      { ...content, body: { ...content.body, name: '1', version: 'checkout' } },
    ],
    [
      'with its query in its body',
      { ...content, query: {}, body: { ...content.query, ...content.body } },
    ],
    [
      'with its path in its query',
      { ...content, path: {}, query: { ...content.query, id: idOf(1) } },
    ],
  ];
  for (const [what, other] of different) {
    it(`is not one ${what}`, () => {
      expect(fingerprint(other)).not.to.equal(fingerprint(content));
    });
  }
});

describe('the answer to a creation', () => {
  const stored = storedDeployment(7, { revision: 2 });

  it('says where the deployment is and which state it is in', () => {
    expect(created({ stored, replayed: false })).to.deep.equal({
      status: 201,
      headers: { Location: `/v1/deployments/${idOf(7)}`, ETag: entityTag(stored) },
      body: stored.deployment,
    });
  });

  it('says when it is the first answer again', () => {
    expect(created({ stored, replayed: true }).headers).to.deep.equal({
      Location: `/v1/deployments/${idOf(7)}`,
      ETag: entityTag(stored),
      'Idempotent-Replayed': 'true',
    });
  });
});
