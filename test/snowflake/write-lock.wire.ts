import { expect } from 'chai';
import { ApplicationError } from '../../src/domain/errors.js';
import { openSnowflakeStore } from '../../src/store/snowflake/store.js';
import { StoreUser } from '../store/harness.js';
import { newSchema, withLink } from './support/schema.js';
import { silent } from './support/silent.js';
import { SnowflakeServer } from './support/server.js';

describe('standard tables whose write_lock has no row', () => {
  let server: SnowflakeServer;

  before(async () => {
    server = await SnowflakeServer.start();
  });
  after(() => server.stop());

  it('take no change and no new tenant, and say why; reads go on, and no service starts', async () => {
    const options = await newSchema(server, 'standard');
    const store = await openSnowflakeStore(options, silent);
    const acme = new StoreUser(store, 'acme');
    await acme.create({ version: '1' });
    await withLink(options, (link) => link.query({ sql: 'DELETE FROM write_lock', values: [] }));
    const owner = { id: '65', login: 'a' };
    const changes: (() => Promise<unknown>)[] = [
      () => acme.create({ version: '2' }),
      () => store.tenants.register(owner, 'a', '2026-01-01T00:00:00.000Z'),
    ];
    for (const change of changes) {
      const error: unknown = await change().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(ApplicationError).with.property('code', 'unavailable');
      expect(error)
        .to.have.property('message')
        .that.matches(/^The store cannot keep changes apart/);
      expect((error as ApplicationError).details.cause)
        .to.have.property('message')
        .that.matches(/^The table write_lock has no row.*db:verify/);
    }
    expect(await acme.versions()).to.deep.equal(['1']);
    expect(await store.tenants.find('65')).to.equal(undefined);
    await store.close();
    const opened = await openSnowflakeStore(options, silent).catch((error: unknown) => error);
    expect(opened)
      .to.have.property('message')
      .that.matches(/^The table write_lock has 0 rows/);
  });
});
