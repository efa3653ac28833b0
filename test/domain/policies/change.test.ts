import { expect } from 'chai';
import type { Caller } from '../../../src/domain/callers/caller.js';
import { deletePolicy, putPolicy } from '../../../src/domain/policies/change.js';
import { noControls } from '../../../src/domain/controls/controls.js';
import { maxPolicies } from '../../../src/domain/policies/policy.js';
import type { Controls } from '../../../src/domain/controls/controls.js';
import type { PolicyPut } from '../../../src/domain/policies/policy.js';
import { decideOver } from '../../support/reference-reads.js';
import { refused } from '../../support/refused.js';
import { caller, instantOf } from '../../support/stored.js';

const owner: Caller = { ...caller, repository: null, workflow: null, source: 'pat', role: 'admin' };
const put: PolicyPut = {
  scope: { environment: 'Production' },
  rules: [{ who: { person: { role: 'admin' } }, may: ['start'] }],
};

const over = (controls: Controls) => ({ deployments: [], controls });
const command = (name: string, by = owner) => ({ name, caller: by, precondition: undefined });

/** The controls after a policy was put. */
function after(controls: Controls, name: string, policy = put, at = 1): Controls {
  const decision = putPolicy(command(name), policy, instantOf(at));
  return decideOver(over(controls), decision).changes.controls?.to ?? controls;
}

const job = (claims: object): PolicyPut['rules'][number]['who'] => ({ job: claims });

describe('putting a policy', () => {
  it('creates it with an event, and controls of the next revision', () => {
    const { changes, result } = decideOver(
      over(noControls),
      putPolicy(command('production'), put, instantOf(1)),
    );

    const policy = {
      name: 'production',
      scope: { environment: 'production' },
      rules: put.rules,
      revision: 1,
      created_at: instantOf(1),
      updated_at: instantOf(1),
    };
    expect(result).to.deep.equal({ policy, created: true });
    expect(changes.controls).to.deep.include({
      organisation: 'acme',
      name: 'production',
      to: { ...noControls, revision: 1, changedAt: instantOf(1), policies: [policy] },
    });
    expect(changes.controls?.event).to.include({
      revision: 1,
      type: 'created',
      occurred_at: instantOf(1),
      actor: 'octocat',
    });
  });

  it('replaces all of it, and keeps when it was created', () => {
    const set = after(after(noControls, 'a'), 'b', put, 2);
    const other: PolicyPut = { ...put, scope: {} };
    const { changes, result } = decideOver(over(set), putPolicy(command('a'), other, instantOf(3)));

    expect(result.created).to.equal(false);
    expect(result.policy).to.deep.include({
      scope: {},
      revision: 3,
      created_at: instantOf(1),
      updated_at: instantOf(3),
    });
    expect(changes.controls?.to.policies.map(({ name }) => name)).to.deep.equal(['a', 'b']);
    expect(changes.controls?.event.type).to.equal('replaced');
  });

  it('changes nothing when it is the same in other letters and another order', () => {
    const who = job({ repository: 'acme/x', environment: 'production' });
    const set = after(noControls, 'a', { ...put, rules: [{ who, may: ['start'] }] });
    const again = job({ environment: 'PRODUCTION', repository: 'acme/x' });
    const same: PolicyPut = {
      rules: [{ may: ['start'], who: again }],
      scope: { environment: 'PRODUCTION' },
    };
    const decided = decideOver(over(set), putPolicy(command('a'), same, instantOf(2)));

    expect(decided.changes).to.deep.equal({});
    expect(decided.result.policy).to.equal(set.policies[0]);
  });

  for (const [what, by] of [
    ['a member', { ...owner, role: 'member' }],
    ['a job', caller],
  ] as const) {
    it(`is not for ${what}`, () => {
      const error = refused(() =>
        decideOver(over(noControls), putPolicy(command('a', by), put, instantOf(1))),
      );
      expect(error.code).to.equal('forbidden');
      expect(error.message).to.match(/may not configure: .*; the owners of acme can/);
      expect(error.details.access).to.include({ action: 'configure', allowed: false });
    });
  }

  it('is possible as long as there is room', () => {
    let set = noControls;
    for (let nth = 0; nth < maxPolicies; nth += 1) set = after(set, `p${nth}`);
    expect(refused(() => after(set, 'more'))).to.include({
      code: 'policies-full',
      message: 'An organisation has at most 100 policies; delete or shorten one first',
    });
    expect(after(set, 'p1', { ...put, scope: {} }).policies).to.have.length(maxPolicies);
  });

  it('is possible as long as all together are small enough to be read with each decision', () => {
    const who = job({ repository: `acme/${'x'.repeat(250)}`, ref: `refs/${'x'.repeat(250)}` });
    const large: PolicyPut = { scope: {}, rules: Array(50).fill({ who, may: ['start'] }) };
    let set = noControls;
    const error = refused(() => {
      for (let nth = 0; nth < maxPolicies; nth += 1) set = after(set, `p${nth}`, large);
    });
    expect(error.code).to.equal('policies-full');
    expect(error.message).to.include('131072 characters');
  });

  const unsound: [what: string, put: PolicyPut, pointer: string, message: RegExp][] = [
    [
      'an environment alone',
      { ...put, rules: [{ who: job({ environment: 'production' }), may: ['start'] }] },
      '#/rules/0/who/job/environment',
      /needs repository_id, or a repository without/,
    ],
    [
      'an environment of any repository',
      {
        ...put,
        rules: [{ who: job({ repository: 'acme/*', environment: 'production' }), may: ['start'] }],
      },
      '#/rules/0/who/job/environment',
      /needs repository_id, or a repository without/,
    ],
    [
      'configure to a person',
      { scope: {}, rules: [{ who: { person: { role: 'member' } }, may: ['configure'] }] },
      '#/rules/0/may',
      /may have configure only/,
    ],
    [
      'configure to a job that is not pinned',
      {
        scope: {},
        rules: [
          { who: job({ job_workflow_ref: 'acme/ci/.github/workflows/*' }), may: ['configure'] },
        ],
      },
      '#/rules/0/may',
      /may have configure only/,
    ],
    [
      'configure in a place',
      {
        scope: { name: 'x' },
        rules: [{ who: job({ job_workflow_ref: 'acme/ci/x.yml@y' }), may: ['configure'] }],
      },
      '#/rules/0/may',
      /may have configure only/,
    ],
    [
      'a scope that could take long',
      { ...put, scope: { name: '*a*' } },
      '#/scope/name',
      /at most once/,
    ],
    [
      'a claim that could take long',
      { ...put, rules: [{ who: job({ ref: '**/**' }), may: ['start'] }] },
      '#/rules/0/who/job/ref',
      /at most once/,
    ],
    [
      'what a glob cannot hold',
      { ...put, scope: { region: '{a,b}*' } },
      '#/scope/region',
      /must not have any of/,
    ],
  ];
  for (const [what, policy, pointer, message] of unsound) {
    it(`refuses ${what}, and says where`, () => {
      const error = refused(() => after(noControls, 'a', policy));
      expect(error.code).to.equal('contract-violation');
      const [violation, ...others] = error.details.violations ?? [];
      expect(others).to.deep.equal([]);
      expect(violation).to.have.property('pointer', pointer);
      expect(violation?.message).to.match(message);
    });
  }

  it('takes an environment beside the id of its repository', () => {
    const who = job({ repository_id: '1', environment: 'prod*' });
    expect(after(noControls, 'a', { ...put, rules: [{ who, may: ['start'] }] }).revision).to.equal(
      1,
    );
  });
});

describe('deleting a policy', () => {
  it('leaves the others, and an event', () => {
    const set = after(after(noControls, 'a'), 'b', put, 2);
    const { changes } = decideOver(over(set), deletePolicy(command('a'), instantOf(3)));

    expect(changes.controls?.to).to.deep.include({ revision: 3, changedAt: instantOf(3) });
    expect(changes.controls?.to.policies.map(({ name }) => name)).to.deep.equal(['b']);
    expect(changes.controls?.event).to.include({ type: 'deleted', scope: null, rules: null });
  });

  it('is not possible where there is none, nor for others than owners', () => {
    const remove = (by: Caller) => () =>
      decideOver(over(noControls), deletePolicy(command('a', by), instantOf(1)));

    expect(refused(remove(owner))).to.include({
      code: 'policy-not-found',
      message: 'No policy with the name a',
    });
    expect(refused(remove(caller)).code).to.equal('forbidden');
  });

  it('is not possible under a condition that does not hold', () => {
    const set = after(noControls, 'a');
    const precondition = () => {
      throw new Error('changed');
    };
    expect(() =>
      decideOver(over(set), deletePolicy({ ...command('a'), precondition }, instantOf(2))),
    ).to.throw('changed');
  });
});
