import { expect } from 'chai';
import type { DeploymentStatus } from '../../../src/domain/deployments/deployment.js';
import { attemptAfter, decideTransition } from '../../../src/domain/deployments/lifecycle.js';
import { lifeTable, statuses } from '../../support/life-table.js';
import { refused } from '../../support/refused.js';
import { instantOf, storedDeployment } from '../../support/stored.js';

describe('life of a deployment', () => {
  for (const from of statuses) {
    const allowed = statuses.filter((to) => lifeTable[from][to] === 'yes');

    for (const to of statuses) {
      const cell = lifeTable[from][to];

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
});

describe('the instants of an attempt', () => {
  const [begun, ended, deployed, now] = [1, 2, 3, 9].map(instantOf) as [
    string,
    string,
    string,
    string,
  ];
  /** Nothing has happened. */
  const none = [null, null, null] as const;

  type Instants = readonly [
    started: string | null,
    finished: string | null,
    deployed: string | null,
  ];

  const transitions: [
    from: DeploymentStatus,
    before: Instants,
    to: DeploymentStatus,
    after: Instants,
  ][] = [
    // It begins, at once or not, or never does.
    ['scheduled', none, 'in_progress', [now, null, null]],
    ['scheduled', none, 'deployed', [now, now, now]],
    ['scheduled', none, 'failed', none],
    ['scheduled', none, 'skipped', none],
    ['scheduled', none, 'cancelled', none],
    // When it was deployed last outlives the attempts.
    ['scheduled', [null, null, deployed], 'in_progress', [now, null, deployed]],
    ['scheduled', [null, null, deployed], 'deployed', [now, now, now]],
    ['scheduled', [null, null, deployed], 'failed', [null, null, deployed]],
    ['scheduled', [null, null, deployed], 'skipped', [null, null, deployed]],
    ['scheduled', [null, null, deployed], 'cancelled', [null, null, deployed]],
    // What began ends.
    ['in_progress', [begun, null, null], 'scheduled', none],
    ['in_progress', [begun, null, null], 'deployed', [begun, now, now]],
    ['in_progress', [begun, null, null], 'failed', [begun, now, null]],
    ['in_progress', [begun, null, null], 'skipped', [begun, now, null]],
    ['in_progress', [begun, null, null], 'cancelled', [begun, now, null]],
    ['in_progress', [begun, null, deployed], 'scheduled', [null, null, deployed]],
    ['in_progress', [begun, null, deployed], 'deployed', [begun, now, now]],
    // A retry begins anew; what succeeded in the end is the attempt that had failed.
    ['failed', [begun, ended, null], 'scheduled', none],
    ['failed', [begun, ended, null], 'in_progress', [now, null, null]],
    ['failed', [begun, ended, null], 'deployed', [begun, now, now]],
    ['failed', [begun, ended, null], 'skipped', [begun, ended, null]],
    ['failed', none, 'scheduled', none],
    ['failed', none, 'in_progress', [now, null, null]],
    ['failed', none, 'deployed', [now, now, now]],
    ['failed', none, 'skipped', none],
    // Un-skipped and re-opened.
    ['skipped', none, 'scheduled', none],
    ['skipped', [begun, ended, null], 'scheduled', none],
    ['cancelled', none, 'scheduled', none],
    ['cancelled', [begun, ended, deployed], 'scheduled', [null, null, deployed]],
    // Found bad later: the attempt was over.
    ['deployed', [begun, deployed, deployed], 'failed', [begun, deployed, deployed]],
  ];

  for (const [from, before, to, after] of transitions) {
    const show = (instants: Instants): string =>
      instants.map((at) => (at === null ? '-' : at.slice(17, 19))).join(' ');
    it(`${from} (${show(before)}) becomes ${to} (${show(after)})`, () => {
      const [started_at, finished_at, deployed_at] = before;
      const { deployment } = storedDeployment(1, {
        status: from,
        started_at,
        finished_at,
        deployed_at,
      });

      const {
        started_at: started,
        finished_at: finished,
        ...rest
      } = attemptAfter(deployment, to, now);

      expect([started, finished, rest.deployed_at]).to.deep.equal(after);
      expect(Object.keys(rest)).to.deep.equal(['deployed_at']);
    });
  }

  it('are told of every transition that there is', () => {
    const told = new Set(transitions.map(([from, , to]) => `${from} ${to}`));
    const all = statuses.flatMap((from) =>
      statuses.filter((to) => lifeTable[from][to] === 'yes').map((to) => `${from} ${to}`),
    );

    expect([...told]).to.have.members(all);
  });
});
