import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { maxPageBytes } from '../../src/domain/deployments/reads.js';
import type { ListFilter } from '../../src/domain/deployments/reads.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import type { Store } from '../../src/store/store.js';
import { StoreUser } from './harness.js';

/** So many that a page whose rows are far between is searched for by another thread. */
const count = 3_000;

describe('SQLite finds pages whose deployments are far between', () => {
  let folder: string;
  let store: Store;
  let acme: StoreUser;
  let all: Deployment[];

  before(async function () {
    this.timeout(60_000);
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    store = await openSqliteStore(join(folder, 'deployments.db'));
    acme = new StoreUser(store, 'acme');
    const created = await Promise.all(
      Array.from({ length: count }, (_, nth) =>
        acme.create({
          version: `${nth}`,
          name: nth % 2 === 0 ? 'even' : 'odd',
          environment: nth % 5 === 0 ? 'staging' : 'production',
          provider: nth % 3 === 0 ? 'aws' : 'gcp',
          region: nth < 100 ? 'early' : 'late',
          auto: nth % 7 !== 0,
          notes: nth < 12 ? 'x'.repeat(maxPageBytes / 4) : null,
        }),
      ),
    );
    all = created.map(({ stored }) => stored.deployment).reverse();
  });
  after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** Reads a list to its end; the versions of each page. */
  async function pages(filter: ListFilter, limit: number): Promise<string[][]> {
    const found: string[][] = [];
    for (let after: Deployment | undefined; ;) {
      const page = await acme.list({ filter, limit, after });
      found.push(page.deployments.map(({ version }) => version));
      after = page.deployments.at(-1);
      if (!page.more) return found;
    }
  }

  const filters: ListFilter[] = [
    { environment: 'staging', provider: 'aws' },
    { name: 'even', region: 'early' },
    { name: 'even', environment: 'staging', provider: 'aws', trigger: 'manual' },
    { region: 'early', status: ['scheduled'], provider: 'aws' },
    { region: 'early', status: ['deployed'] },
    { region: 'early', status: ['deployed', 'scheduled'], trigger: 'auto' },
    { provider: 'aws' },
    { trigger: 'manual', region: 'late' },
  ];
  for (const filter of filters) {
    for (const limit of [7, 1000]) {
      it(`by ${JSON.stringify(filter)}, ${limit} a page`, async () => {
        const expected = all
          .filter((deployment) =>
            Object.entries(filter).every(([field, value]) =>
              [value].flat().includes(deployment[field as keyof Deployment] as never),
            ),
          )
          .map(({ version }) => version);
        const found = await pages(filter, limit);
        expect(found.flat()).to.deep.equal(expected);
        expect(Math.max(...found.map((page) => page.length))).to.be.at.most(limit);
      });
    }
  }

  it('a megabyte at a time', async () => {
    const found = await pages({ region: 'early', provider: 'aws' }, 1000);
    const large = found.map((page) => page.filter((version) => Number(version) < 12));
    expect(large.flat()).to.deep.equal(['9', '6', '3', '0']);
    expect(found).to.have.length(2);
    for (const page of large) expect(page.length).to.be.at.most(3);
  });
});
