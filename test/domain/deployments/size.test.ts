import { expect } from 'chai';
import type { Deployment } from '../../../src/domain/deployments/deployment.js';
import { restBytes, sizeOf } from '../../../src/domain/deployments/size.js';
import { storedDeployment } from '../../support/stored.js';

const deployment = (fields: Partial<Deployment>): Deployment => ({
  ...storedDeployment(1).deployment,
  ...fields,
});

describe('the size of a deployment', () => {
  const bare = sizeOf(deployment({}));

  it('of a usual one is about that of its JSON', () => {
    expect(bare).to.be.within(restBytes, restBytes + 300);
  });

  for (const [what, text, bytes] of [
    ['letters', 'x', 1],
    ['two bytes each', 'é', 2],
    ['three bytes each', '語', 3],
    ['four bytes each', '\u{1F680}', 4],
    ['quotes', '"', 2],
    ['control characters', '\u0001', 6],
  ] as const) {
    it(`counts ${what} in every field as they go over the wire`, () => {
      for (const field of ['notes', 'pipeline_extra_params', 'name', 'region'] as const) {
        const more = sizeOf(deployment({ [field]: text.repeat(200) })) - bare;
        expect(more, field).to.be.within(200 * bytes, 200 * bytes + 2);
      }
    });
  }
});
