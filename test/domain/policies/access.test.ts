import { expect } from 'chai';
import { noControls } from '../../../src/domain/controls/controls.js';
import type { Controls } from '../../../src/domain/controls/controls.js';
import type { AccessCheck, AccessDecision } from '../../../src/domain/policies/policy.js';
import { actionsOf } from '../../../src/domain/policies/access.js';
import { putPolicy } from '../../../src/domain/policies/change.js';
import { checkAccess } from '../../../src/domain/policies/check.js';
import { everybody, places, policiesOf, rows, sets } from '../../support/policies/access-rows.js';
import { decideOver } from '../../support/reference-reads.js';
import { caller, instantOf } from '../../support/stored.js';

const owner = { ...caller, source: 'pat', role: 'admin' } as const;

/** The policies of a set, put one after the other. */
function setOf(name: keyof typeof sets): Controls {
  return policiesOf(name).reduce<Controls>((present, [policy, put]) => {
    const command = { name: policy, caller: owner, precondition: undefined };
    const decision = putPolicy(command, put, instantOf(1));
    const { controls } = decideOver({ deployments: [], controls: present }, decision).changes;
    return controls?.to ?? present;
  }, noControls);
}

/** A decision in the words of the table. */
export function inTheTable(decision: AccessDecision): string {
  const { allowed, decided_by: by, policy, rule, policies } = decision;
  if (by === 'pull_request') return 'refused for the pull request';
  if (by === 'owner') return 'allowed to the owner';
  if (by === 'default') return `${allowed ? 'allowed' : 'refused'} by default`;
  return allowed ? `allowed by ${policy} ${rule}` : `refused by ${policies.join(', ')}`;
}

describe('who may do what', () => {
  for (const [set, table] of Object.entries(rows)) {
    describe(`with ${set}`, () => {
      const policies = setOf(set as keyof typeof sets);
      for (const [who, action, where, expected] of table) {
        it(`${who}: ${action} in ${where} is ${expected}`, () => {
          const question: AccessCheck = { action, ...places[where], caller: everybody[who] };
          const decision = checkAccess(question, owner, policies);

          expect(inTheTable(decision)).to.equal(expected);
          expect(decision.allowed).to.equal(expected.startsWith('allowed'));
          expect(decision.detail).to.include(decision.allowed ? ' may ' : ' may not ');
        });
      }
    });
  }

  it('is told by a table of at least sixty rows', () => {
    expect(Object.values(rows).flat().length).to.be.at.least(60);
  });

  it('is everything while authentication is off', () => {
    const developer = { ...caller, source: 'development' } as const;
    const policies = setOf('a repository with its environment');
    for (const action of ['register', 'start', 'configure', 'cancel'] as const) {
      const decision = checkAccess({ action, ...places.production }, developer, policies);
      expect(decision).to.include({ allowed: true, decided_by: 'authentication_off' });
    }
  });

  it('can be changed by the owners, but for what no policy changes', () => {
    const ask = (who: keyof typeof everybody, action: 'start' | 'read') =>
      checkAccess({ action, ...places.production, caller: everybody[who] }, owner, noControls)
        .changeable_by;

    expect(ask('the job of main', 'start')).to.equal('the owners of acme');
    expect(ask('the job of main', 'read')).to.equal(null);
    expect(ask('a job of a pull request', 'start')).to.equal(null);
  });

  it('takes a change for all that it does', () => {
    expect(actionsOf({ status: 'in_progress' })).to.deep.equal(['start']);
    expect(actionsOf({ status: 'scheduled' })).to.deep.equal(['register']);
    expect(actionsOf({ status: 'deployed', notes: 'x' })).to.deep.equal(['report']);
    expect(actionsOf({ status: 'failed' })).to.deep.equal(['report']);
    expect(actionsOf({ status: 'skipped' })).to.deep.equal(['cancel']);
    expect(actionsOf({ status: 'cancelled', deployment_uri: null })).to.deep.equal([
      'cancel',
      'report',
    ]);
    expect(actionsOf({ notes: null })).to.deep.equal(['report']);
  });

  it('asks for a place where the action has one', () => {
    expect(() => checkAccess({ action: 'start', name: 'x' }, owner, noControls))
      .to.throw()
      .with.nested.property('details.violations')
      .that.deep.equals(
        ['environment', 'provider'].map((part) => ({
          pointer: `#/${part}`,
          message: 'is required for start, which is about a place',
        })),
      );
  });
});
