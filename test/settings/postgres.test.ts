import { expect } from 'chai';
import { invalidSettings, settingsWith } from '../support/settings.js';

type Environment = Readonly<Record<string, string>>;

const url = 'postgres://service:S3cret@db.example.com:6432/queue?sslmode=verify-full';
const least: Environment = { DATABASE_URL: url };

const faultsOf = (environment: Environment) => invalidSettings(environment).faults;

describe('the settings of PostgreSQL', () => {
  it('count when a URL is configured, and have a default each', () => {
    expect(settingsWith(least).store).to.deep.equal({
      kind: 'postgres',
      options: {
        url,
        listenUrl: url,
        migrate: 'start',
        poolSize: 10,
        poolWaitMs: 5_000,
        poolQueue: 200,
        timeoutMs: 15_000,
      },
    });
  });

  it('are taken as they are', () => {
    const listenUrl = 'postgresql://service@10.0.0.1/queue';
    const { store } = settingsWith({
      ...least,
      STORE: 'postgres',
      DATABASE_LISTEN_URL: listenUrl,
      POSTGRES_MIGRATE: 'never',
      POSTGRES_POOL_SIZE: '3',
      POSTGRES_POOL_WAIT_MS: '100',
      POSTGRES_POOL_QUEUE: '7',
      POSTGRES_TIMEOUT_MS: '2000',
    });
    expect(store.kind === 'postgres' && store.options).to.deep.equal({
      url,
      listenUrl,
      migrate: 'never',
      poolSize: 3,
      poolWaitMs: 100,
      poolQueue: 7,
      timeoutMs: 2_000,
    });
  });

  it('do not count where another store is asked for, or an account of Snowflake is configured', () => {
    expect(
      settingsWith({ ...least, STORE: 'sqlite', POSTGRES_POOL_SIZE: 'x' }).store.kind,
    ).to.equal('sqlite');
    const both = { ...least, SNOWFLAKE_ACCOUNT: 'a', SNOWFLAKE_USER: 'u', SNOWFLAKE_PASSWORD: 'p' };
    expect(settingsWith(both).store.kind).to.equal('snowflake');
  });

  it('are asked for by name when STORE names PostgreSQL', () => {
    expect(faultsOf({ STORE: 'postgres' })).to.deep.equal(['DATABASE_URL must be set']);
  });

  const wrong: [string, string, RegExp][] = [
    ['DATABASE_URL', 'db.example.com', /must be a URL such as postgres:/],
    ['DATABASE_URL', 'mysql://u:S3cret@db.example.com/queue', /must be a URL such as postgres:/],
    ['DATABASE_URL', 'postgres://u:S3cret@db.example.com', /must be a URL such as postgres:/],
    ['DATABASE_URL', `${url.split('?')[0] ?? ''}?sslmode=prefer`, /one of disable, require/],
    ['DATABASE_LISTEN_URL', 'x', /must be a URL such as postgres:/],
    ['POSTGRES_MIGRATE', 'later', /must be one of start, never/],
    ['POSTGRES_POOL_SIZE', '0', /must be a number of connections, 1 to 1000/],
    ['POSTGRES_POOL_WAIT_MS', 'long', /must be a number of milliseconds/],
    ['POSTGRES_POOL_QUEUE', '-1', /must be a number of requests/],
    ['POSTGRES_TIMEOUT_MS', '999', /must be a number of milliseconds, 1000 to 600000/],
  ];
  for (const [name, value, fault] of wrong) {
    it(`are refused by name: ${name}=${value}`, () => {
      const faults = faultsOf({ ...least, [name]: value });
      expect(faults).to.have.length(1);
      expect(faults[0])
        .to.match(new RegExp(`^${name} `))
        .and.match(fault)
        .and.not.include('S3cret');
    });
  }
});
