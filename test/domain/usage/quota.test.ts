import { expect } from 'chai';
import type { Decided } from '../../../src/domain/decision.js';
import { changeOfState } from '../../../src/domain/deployments/changes.js';
import type { StoredDeployment } from '../../../src/domain/deployments/deployment.js';
import { growthOf } from '../../../src/domain/usage/growth.js';
import { withinQuota } from '../../../src/domain/usage/quota.js';
import { bytesOf, measuredFields } from '../../../src/domain/usage/usage.js';
import type { Quota } from '../../../src/domain/usage/usage.js';
import { decideOver } from '../../support/reference-reads.js';
import { refused } from '../../support/refused.js';
import { storedDeployment } from '../../support/stored.js';

const present = [storedDeployment(1), storedDeployment(2)];
const added = storedDeployment(3, { notes: 'Grüße 🚀' });
const used = bytesOf(storedDeployment(1)) + bytesOf(storedDeployment(2));
const creation: Decided<StoredDeployment> = {
  changes: { deployments: { created: [added] } },
  result: added,
};
const decide = (quota: Quota) => decideOver({ deployments: present }, withinQuota(quota, creation));

describe('bytes', () => {
  it('are those of the texts in UTF-8, and what the rest and each change take', () => {
    const bare = storedDeployment(1);
    for (const field of measuredFields) {
      const filled = storedDeployment(1, { [field]: 'ü🚀' });
      const before = Buffer.byteLength(bare.deployment[field] ?? '');
      expect(bytesOf(filled) - bytesOf(bare), field).to.equal(6 - before);
    }
    expect(bytesOf(storedDeployment(1, { revision: 5 })) - bytesOf(bare)).to.equal(4 * 384);
  });

  it('grow by what is new and what has changed, and shrink by what is removed', () => {
    const before = storedDeployment(4, { notes: 'long notes' });
    const after = storedDeployment(4, { notes: null, revision: 2 });
    const growth = growthOf({
      deployments: { created: [added], updated: [changeOfState(before, after)] },
      removed: present,
    });
    expect(growth).to.deep.equal({ deployments: -1, bytes: bytesOf(added) + 384 - 10 - used });
    expect(growthOf({})).to.deep.equal({ deployments: 0, bytes: 0 });
  });
});

describe('a quota', () => {
  it('lets through what fits to the last, and tells the store to hold on to it', () => {
    const quota = { deployments: 3, bytes: used + bytesOf(added) };
    expect(decide(quota)).to.deep.equal({ ...creation, changes: { ...creation.changes, quota } });
  });

  it('refuses one deployment more, and says how many there are and who can change that', () => {
    expect(refused(() => decide({ deployments: 2, bytes: 0 }))).to.include({
      code: 'quota-exceeded',
      message:
        'The organisation may store 2 deployments and has 2, so there is no room for 1 more. Trying again does ' +
        'not help: whoever operates this service can raise QUOTA_DEPLOYMENTS, or have it remove deployments ' +
        'that are over (RETENTION_DAYS)',
    });
  });

  it('refuses one byte more', () => {
    const bytes = used + bytesOf(added) - 1;
    const { code, message } = refused(() => decide({ deployments: 0, bytes }));
    expect(code).to.equal('quota-exceeded');
    expect(message).to.include(`may store ${bytes} bytes and has ${used}`);
    expect(message).to.include('QUOTA_BYTES');
  });

  it('of 0 is none, and then the usage is not looked at', () => {
    const decision = withinQuota({ deployments: 0, bytes: 0 }, creation);
    expect(decision.next()).to.deep.equal({ done: true, value: creation });
  });

  it('says nothing of what is refused for another reason', () => {
    const decision = withinQuota({ deployments: 1, bytes: 1 }, failing());
    expect(() => decideOver({ deployments: present }, decision)).to.throw('not this');
  });
});

// eslint-disable-next-line require-yield
function* failing(): Generator<never, never> {
  throw new Error('not this');
}
