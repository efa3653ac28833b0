import { expect } from 'chai';
import type { DeploymentStatus } from '../../../src/domain/deployments/deployment.js';
import { decideTransition, isReleased } from '../../../src/domain/deployments/lifecycle.js';
import { refused } from '../../support/refused.js';

const statuses = ['scheduled', 'in_progress', 'deployed', 'failed', 'skipped'] as const;

/** The life table as it stands in the design, from row to column. */
const table: Record<DeploymentStatus, readonly ('same' | 'yes' | 'no')[]> = {
  scheduled: ['same', 'yes', 'yes', 'yes', 'yes'],
  in_progress: ['yes', 'same', 'yes', 'yes', 'yes'],
  failed: ['yes', 'yes', 'yes', 'same', 'yes'],
  skipped: ['yes', 'no', 'no', 'no', 'same'],
  deployed: ['no', 'no', 'same', 'yes', 'no'],
};

describe('life of a deployment', () => {
  for (const from of statuses) {
    const allowed = statuses.filter((_, column) => table[from][column] === 'yes');

    for (const [column, to] of statuses.entries()) {
      const cell = table[from][column];

      if (cell === 'same') {
        it(`changes nothing when what is ${from} becomes ${to}`, () => {
          expect(decideTransition(from, to)).to.equal(false);
        });
      } else if (cell === 'yes') {
        it(`lets what is ${from} become ${to}`, () => {
          expect(decideTransition(from, to)).to.equal(true);
        });
      } else {
        it(`refuses that what is ${from} becomes ${to}, and names what is allowed`, () => {
          const refusal = refused(() => decideTransition(from, to));

          expect(refusal.code).to.equal('transition-not-allowed');
          const [said, named = ''] = refusal.message.split('; allowed: ');
          expect(said).to.equal(`A deployment that is ${from} cannot become ${to}`);
          expect(named.split(', ')).to.have.members(allowed);
        });
      }
    }
  }

  it('counts in_progress, deployed and failed as released, and nothing else', () => {
    expect(statuses.filter(isReleased)).to.have.members(['in_progress', 'deployed', 'failed']);
  });
});
