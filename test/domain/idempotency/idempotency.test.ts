import { expect } from 'chai';
import { expiredBefore, recall } from '../../../src/domain/idempotency/idempotency.js';
import { storedDeployment } from '../../support/stored.js';
import { refused } from '../../support/refused.js';

const { deployment } = storedDeployment(1);
const request = {
  owner: 'person octocat',
  key: 'k',
  fingerprint: 'same',
  at: '2026-03-02T12:00:00.000Z',
};

function remembered(rememberedAt: string, fingerprint = 'same') {
  return { fingerprint, rememberedAt, deployment };
}

describe('recall of an answer', () => {
  it('finds none for the first request under a key', () => {
    expect(recall(undefined, request)).to.equal(undefined);
  });

  const ages: [string, string, boolean][] = [
    ['in the same millisecond', '2026-03-02T12:00:00.000Z', true],
    ['an hour ago', '2026-03-02T11:00:00.000Z', true],
    ['24 hours ago', '2026-03-01T12:00:00.000Z', true],
    ['a millisecond more than 24 hours ago', '2026-03-01T11:59:59.999Z', false],
    ['a month ago', '2026-02-02T12:00:00.000Z', false],
    ['by a clock that is ahead', '2026-03-02T12:00:05.000Z', true],
  ];
  for (const [what, at, found] of ages) {
    it(`${found ? 'gives' : 'has forgotten'} the answer to the same request ${what}`, () => {
      expect(recall(remembered(at), request)).to.equal(found ? deployment : undefined);
    });

    it(`${found ? 'refuses' : 'takes'} another request under a key that was used ${what}`, () => {
      const answer = remembered(at, 'other');
      if (!found) {
        expect(recall(answer, request)).to.equal(undefined);
        return;
      }
      const { code, message } = refused(() => recall(answer, request));
      expect(code).to.equal('idempotency-key-reused');
      expect(message).to.contain('24 hours').and.to.contain('use a new key');
    });
  }

  it('forgets after 24 hours, over the ends of months and years', () => {
    expect(expiredBefore('2024-03-01T00:00:00.000Z')).to.equal('2024-02-29T00:00:00.000Z');
    expect(expiredBefore('2026-01-01T09:30:00.123Z')).to.equal('2025-12-31T09:30:00.123Z');
  });
});
