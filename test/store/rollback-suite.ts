import { expect } from 'chai';
import type { StoredDeployment } from '../../src/domain/deployments/deployment.js';
import { deploymentNotFound, ApplicationError } from '../../src/domain/errors.js';
import { rollback } from '../../src/domain/deployments/rollback.js';
import type { RollbackRequest } from '../../src/domain/deployments/rollback.js';
import { Random } from '../support/random.js';
import { StoreUser, useStore } from './harness.js';
import type { OpenedStore, OpenStore } from './harness.js';

/** The slice that a store reads decides about a rollback as the whole taxonomy would. */
export function describeRollbackSlice(open: OpenStore): void {
  describe('rolling back', () => {
    const used = useStore(open);

    it('starts from a deployment by its id, of its organisation only', async () => {
      await used.acme.place({ version: '1' }, 'deployed');
      const { deployment } = await used.acme.place({ version: '2' }, 'deployed');
      const decide = (): never => {
        throw new Error('must not be asked');
      };
      const { id } = deployment;
      const foreign = { organisation: 'other', id };
      expect(await used.opened.store.rollback(foreign, undefined, undefined, decide)).to.equal(
        undefined,
      );
      const own = { organisation: 'acme', id };
      const creation = await used.opened.store.rollback(
        own,
        undefined,
        undefined,
        (members, request) => {
          expect(request.from).to.deep.equal(deployment);
          const newIdentity = {
            id: '01900000-0000-7000-8000-000000000000',
            at: '2026-01-01T00:00:00.000Z',
          };
          return rollback(members, request, used.acme.caller, newIdentity);
        },
      );
      expect(creation?.stored.deployment.version).to.equal('1');
    });

    it('creates one rollback for ten that are asked for at once', async () => {
      await used.acme.place({ version: '1' }, 'deployed');
      await used.acme.place({ version: '2' }, 'deployed');
      const calls = Array.from({ length: 10 }, () => used.acme.rollback());
      const outcomes = await Promise.allSettled(calls);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
      expect(await used.acme.versions({ trigger: 'rollback' })).to.deep.equal(['1']);
    });

    const histories = Number(process.env['TEST_HISTORIES'] ?? 12);
    const seeds = Array.from({ length: histories }, (_, index) => 1000 + index);
    for (const seed of seeds) {
      it(`decides as over the whole taxonomy, in a random history (seed ${seed})`, async () => {
        const random = new Random(seed);
        for (let step = 0; step < 25; step += 1) {
          await randomStep(used.acme, random);
          for (const targetVersion of [undefined, '1', '2', '9']) {
            const sliced = await decideWith(
              used.opened,
              used.acme,
              targetVersion,
              (members) => members,
            );
            const whole = await wholeTaxonomy(used.opened);
            const full = await decideWith(used.opened, used.acme, targetVersion, () => whole);
            expect(sliced).to.equal(full);
          }
        }
      });
    }
  });
}

async function randomStep(acme: StoreUser, random: Random): Promise<void> {
  const version = random.pick(['1', '2', '3']);
  const cell = random.pick(['a', 'a', 'a', 'b']);
  const status = random.pick([
    'scheduled',
    'in_progress',
    'deployed',
    'failed',
    'skipped',
  ] as const);
  if (random.next() < 0.3) {
    await acme
      .rollback({ cell: 'a' })
      .then(
        ({ stored }) => (random.next() < 0.7 ? acme.move(stored.deployment.id, status) : undefined),
        refused,
      );
    return;
  }
  const { deployment } = await acme.place({ version, cell }, status);
  if (random.next() < 0.3) await acme.move(deployment.id, 'failed').catch(refused);
}

function refused(error: unknown): void {
  if (!(error instanceof ApplicationError)) throw error;
}

async function wholeTaxonomy({ store }: OpenedStore): Promise<StoredDeployment[]> {
  const page = await store.list({ organisation: 'acme', filter: { cell: 'a' }, limit: 1000 });
  const stored = page.deployments.map(async ({ id }) => {
    const found = await store.get('acme', id);
    if (found === undefined) throw deploymentNotFound(id);
    return found;
  });
  return Promise.all(stored);
}

/** What a rollback would say, without making it: the notes of its deployment, or the refusal. */
async function decideWith(
  { store }: OpenedStore,
  acme: StoreUser,
  targetVersion: string | undefined,
  choose: (members: readonly StoredDeployment[]) => readonly StoredDeployment[],
): Promise<string> {
  const taxonomy = acme.taxonomy({ cell: 'a' });
  let decision = '';
  const decide = (members: readonly StoredDeployment[], request: RollbackRequest): never => {
    const newIdentity = {
      id: '01900000-0000-7000-8000-000000000000',
      at: '2026-01-01T00:00:00.000Z',
    };
    const { created } = rollback(choose(members), request, acme.caller, newIdentity);
    decision = created[0]?.deployment.notes ?? '';
    throw new ApplicationError('rollback-not-allowed', decision);
  };
  await store.rollback({ taxonomy }, targetVersion, undefined, decide).catch((error: unknown) => {
    refused(error);
    decision = error instanceof Error ? error.message : '';
  });
  return decision;
}
