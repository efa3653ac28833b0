import { expect } from 'chai';
import { continueSkipping, maxSkippedAtOnce } from '../../src/domain/deployments/auto-skip.js';
import { create } from '../../src/domain/deployments/create.js';
import type { StoredDeployment } from '../../src/domain/deployments/deployment.js';
import { createClock } from '../../src/platform/clock.js';
import type { SnowflakeOptions, TableKind } from '../../src/store/snowflake/options.js';
import { openSnowflakeStore } from '../../src/store/snowflake/store.js';
import type { Store } from '../../src/store/store.js';
import { StoreUser } from '../store/harness.js';
import { deploymentBody } from '../support/deployments.js';
import { decideOver } from '../support/reference-reads.js';
import { borrowSchema, giveBackSchema } from './support/schema.js';
import { silent } from './support/silent.js';
import { SnowflakeServer } from './support/server.js';

const clock = createClock();

for (const tables of ['hybrid', 'standard'] as const satisfies readonly TableKind[]) {
  describe(`more waiting deployments than are skipped at once, with ${tables} tables,`, () => {
    let server: SnowflakeServer;
    let options: SnowflakeOptions;
    let store: Store;
    let acme: StoreUser;

    before(async () => {
      server = await SnowflakeServer.start();
    });
    after(() => server.stop());
    beforeEach(async () => {
      options = await borrowSchema(server, tables);
      store = await openSnowflakeStore(options, silent);
      acme = new StoreUser(store, 'acme');
    });
    afterEach(async () => {
      await store.close();
      await giveBackSchema(options);
    });

    /** Deployments that wait, oldest first, stored by one change. */
    const fill = (count: number): Promise<readonly StoredDeployment[]> =>
      acme.store.change('fill', () => {
        const made = Array.from({ length: count }, () =>
          decideOver(
            { deployments: [] },
            create(deploymentBody(), acme.caller, clock.newIdentity()),
          ),
        );
        const created = made.map(({ result }) => result);
        const events = made.flatMap(({ changes }) => changes.events ?? []);
        return { changes: { deployments: { created }, events }, result: created };
      });

    const goOn = (id: string) =>
      acme.store.change('skipOlder', () => continueSkipping(id, clock.now()));

    it('are skipped in two requests as far as that goes, then a part at a time', async () => {
      const waiting = await fill(maxSkippedAtOnce + 5);
      const newest = await acme.place({});
      const { id } = newest.deployment;
      await server.reset();
      expect(await acme.move(id, 'deployed')).to.include({ skipped: maxSkippedAtOnce });
      const sent = (await server.requests()).filter(({ sql }) => sql !== null);
      expect(sent).to.have.length(2);

      expect(await store.system.skipping()).to.deep.equal([{ organisation: 'acme', id }]);
      expect(await acme.versions({ status: ['scheduled'] })).to.have.length(5);
      const last = waiting.at(-1)?.deployment.id ?? '';
      const refused = await acme.move(last, 'in_progress').catch((error: unknown) => error);
      expect(refused).to.have.property('code', 'transition-not-allowed');

      expect(await goOn(id)).to.deep.equal({ skipped: 5, done: true });
      expect(await acme.versions({ status: ['scheduled'] })).to.deep.equal([]);
      expect(await store.system.skipping()).to.deep.equal([]);
      const events = await acme.events(last);
      expect(events.at(-1)).to.include({ cause: 'auto_skip', cause_deployment_id: id });
      expect(await goOn(id)).to.deep.equal({ skipped: 0, done: true });
    });

    it('are those that have not changed since the deployment was deployed last, and done only then', async () => {
      const deployed = await acme.place({}, 'deployed');
      const { id, deployed_at: last } = deployed.deployment;
      if (last === null) throw new Error('It was not deployed');
      const first = new Date(Date.parse(last) - 1).toISOString();
      for (const since of [first, last]) {
        await acme.store.change('skip', () => ({
          changes: { skipping: [{ deployed, since }] },
          result: undefined,
        }));
      }
      expect(await acme.store.read({ read: 'skippingSince', id })).to.equal(last);

      let tries = 0;
      await acme.store.change('skip', () => {
        tries += 1;
        const done = { id, since: tries === 1 ? first : last };
        return { changes: { doneSkipping: [done] }, result: undefined };
      });
      expect(tries).to.equal(2);
      expect(await acme.store.read({ read: 'skippingSince', id })).to.equal(undefined);
    });
  });
}
