import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { invalidSettings, settingsWith } from '../support/settings.js';

type Environment = Readonly<Record<string, string>>;

const least: Environment = {
  SNOWFLAKE_ACCOUNT: 'myorg-myaccount',
  SNOWFLAKE_USER: 'SERVICE',
  SNOWFLAKE_PASSWORD: 'S3cret',
};

const faultsOf = (environment: Environment) => invalidSettings(environment).faults;

describe('the settings of Snowflake', () => {
  it('count when an account is configured, and have a default each', () => {
    expect(settingsWith(least).store).to.deep.equal({
      kind: 'snowflake',
      options: {
        account: 'myorg-myaccount',
        accessUrl: undefined,
        user: 'SERVICE',
        login: { kind: 'password', password: 'S3cret' },
        role: undefined,
        warehouse: 'COMPUTE_WH',
        database: 'DEPLOYMENTS_DB',
        schema: 'PUBLIC',
        tables: 'hybrid',
        poolSize: 8,
        poolWaitMs: 5_000,
        poolQueue: 200,
        timeoutMs: 15_000,
        telemetry: false,
      },
    });
  });

  it('let the metrics look at the queue only when asked to, so that a warehouse may suspend itself', () => {
    expect(settingsWith(least).metrics.queueDepthSeconds).to.equal(0);
    const often = { ...least, METRICS_QUEUE_DEPTH_SECONDS: '20' };
    expect(settingsWith(often).metrics.queueDepthSeconds).to.equal(20);
  });

  it('are taken as they are', () => {
    const { store } = settingsWith({
      ...least,
      STORE: 'snowflake',
      SNOWFLAKE_ROLE: 'R',
      SNOWFLAKE_WAREHOUSE: 'W',
      SNOWFLAKE_DATABASE: 'D',
      SNOWFLAKE_SCHEMA: 'S',
      SNOWFLAKE_ACCESS_URL: 'https://acme.privatelink.snowflakecomputing.com',
      SNOWFLAKE_TABLES: 'standard',
      SNOWFLAKE_POOL_SIZE: '3',
      SNOWFLAKE_POOL_WAIT_MS: '100',
      SNOWFLAKE_TIMEOUT_MS: '2000',
      SNOWFLAKE_TELEMETRY: 'true',
    });
    expect(store.kind === 'snowflake' && store.options).to.include({
      accessUrl: 'https://acme.privatelink.snowflakecomputing.com',
      role: 'R',
      warehouse: 'W',
      database: 'D',
      schema: 'S',
      tables: 'standard',
      poolSize: 3,
      poolWaitMs: 100,
      poolQueue: 200,
      timeoutMs: 2_000,
      telemetry: true,
    });
  });

  it('do not count beside STORE=sqlite, right or wrong', () => {
    const { store } = settingsWith({ ...least, STORE: 'sqlite', SNOWFLAKE_POOL_SIZE: 'many' });
    expect(store.kind).to.equal('sqlite');
  });

  it('are asked for by name when STORE names Snowflake', () => {
    expect(faultsOf({ STORE: 'snowflake' })).to.deep.equal([
      'SNOWFLAKE_ACCOUNT must be set',
      'SNOWFLAKE_USER must be set',
      'SNOWFLAKE_PRIVATE_KEY_PATH must be set, or else SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER, ' +
        'SNOWFLAKE_OAUTH_CLIENT_ID, SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH or SNOWFLAKE_PASSWORD',
    ]);
  });

  const wrong: [string, string, RegExp][] = [
    ['SNOWFLAKE_ACCOUNT', 'https://acme.snowflakecomputing.com', /not a URL$/],
    ['SNOWFLAKE_ACCESS_URL', 'http://snowflake.example.com', /must be an https URL/],
    ['SNOWFLAKE_ACCESS_URL', 'https://user:pass@example.com', /must be an https URL/],
    ['SNOWFLAKE_ACCESS_URL', 'example.com', /must be an https URL/],
    ['SNOWFLAKE_TABLES', 'dynamic', /must be one of hybrid, standard/],
    ['SNOWFLAKE_POOL_SIZE', '0', /must be a number of sessions, 1 to 100/],
    ['SNOWFLAKE_POOL_WAIT_MS', 'long', /must be a number of milliseconds/],
    ['SNOWFLAKE_TIMEOUT_MS', '999', /must be a number of milliseconds, 1000 to 600000/],
    ['SNOWFLAKE_TELEMETRY', 'on', /must be true or false/],
  ];
  for (const [name, value, fault] of wrong) {
    it(`are refused by name: ${name}=${value}`, () => {
      const faults = faultsOf({ ...least, [name]: value });
      expect(faults).to.have.length(1);
      expect(faults[0])
        .to.match(new RegExp(`^${name} `))
        .and.match(fault);
      expect(faults[0]).not.to.include(value === '0' ? 'S3cret' : value);
    });
  }

  for (const url of ['http://127.0.0.1:8080', 'http://[::1]:8080', 'http://localhost']) {
    it(`may name a server on this machine without TLS: ${url}`, () => {
      const { store } = settingsWith({ ...least, SNOWFLAKE_ACCESS_URL: url });
      expect(store.kind).to.equal('snowflake');
    });
  }
});

describe('the private key for Snowflake', () => {
  let folder: string;
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const plain = pair.export({ type: 'pkcs8', format: 'pem' }).toString();
  const files: Record<string, string> = {
    plain,
    encrypted: pair
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
      .toString(),
    pkcs1: pair.export({ type: 'pkcs1', format: 'pem' }).toString(),
    elliptic: generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
    broken: '-----BEGIN PRIVATE KEY-----\nS3cret\n-----END PRIVATE KEY-----\n',
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  });
  after(() => rm(folder, { recursive: true }));

  const withKey = (name: string, passphrase?: string): Environment => ({
    SNOWFLAKE_ACCOUNT: 'a',
    SNOWFLAKE_USER: 'u',
    SNOWFLAKE_PRIVATE_KEY_PATH: join(folder, name),
    ...(passphrase !== undefined && { SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: passphrase }),
  });

  for (const [name, passphrase] of [
    ['plain', undefined],
    ['encrypted', 'open sesame'],
  ] as const) {
    it(`is read from PKCS#8 PEM that is ${name}`, () => {
      const { store } = settingsWith(withKey(name, passphrase));
      const login = store.kind === 'snowflake' ? store.options.login : undefined;
      expect(login).to.deep.equal({ kind: 'key-pair', privateKey: plain });
    });
  }

  const wrong: [string, string | undefined, string][] = [
    ['missing', undefined, 'SNOWFLAKE_PRIVATE_KEY_PATH must name a file that can be read'],
    ['pkcs1', undefined, 'SNOWFLAKE_PRIVATE_KEY_PATH must name a private key in PKCS#8 PEM'],
    ['broken', undefined, 'SNOWFLAKE_PRIVATE_KEY_PATH must name a private key in PKCS#8 PEM'],
    [
      'elliptic',
      undefined,
      'SNOWFLAKE_PRIVATE_KEY_PATH must name an RSA key: Snowflake takes no other',
    ],
    ['encrypted', undefined, 'SNOWFLAKE_PRIVATE_KEY_PASSPHRASE must be set: the key is encrypted'],
    ['encrypted', 'S3cret', 'SNOWFLAKE_PRIVATE_KEY_PASSPHRASE does not open the key'],
  ];
  for (const [name, passphrase, fault] of wrong) {
    it(`that is ${name}${passphrase === undefined ? '' : ', with another passphrase,'} is refused`, () => {
      expect(faultsOf(withKey(name, passphrase))).to.deep.equal([fault]);
    });
  }

  it('must not stand beside a password', () => {
    const faults = faultsOf({ ...withKey('plain'), SNOWFLAKE_PASSWORD: 'S3cret' });
    expect(faults).to.have.length(1);
    expect(faults[0]).to.match(/^SNOWFLAKE_PASSWORD .*choose one$/);
  });
});

describe('the login to Snowflake', () => {
  let folder: string;
  let token: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    token = join(folder, 'token');
    await writeFile(token, 'S3cret\n');
    await writeFile(join(folder, 'empty'), '\n');
  });
  after(() => rm(folder, { recursive: true }));

  const account: Environment = { SNOWFLAKE_ACCOUNT: 'a' };
  const named: Environment = { ...account, SNOWFLAKE_USER: 'u' };
  const oauth: Environment = {
    ...named,
    SNOWFLAKE_OAUTH_CLIENT_ID: 'id',
    SNOWFLAKE_OAUTH_CLIENT_SECRET: 'S3cret',
    SNOWFLAKE_OAUTH_TOKEN_URL: 'https://idp.example.com/token',
  };
  const by = (provider: string, more: Environment = {}): Environment => ({
    ...account,
    SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER: provider,
    ...more,
  });
  const optionsOf = (environment: Environment) => {
    const { store } = settingsWith(environment);
    return store.kind === 'snowflake' ? store.options : undefined;
  };

  it('may be by a programmatic access token, in a file', () => {
    const options = optionsOf({ ...named, SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH: token });
    expect(options?.login).to.deep.equal({ kind: 'programmatic-access-token', path: token });
  });

  it('may be by the credentials of an OAuth client', () => {
    const login = {
      kind: 'oauth-client-credentials',
      clientId: 'id',
      clientSecret: 'S3cret',
      tokenUrl: 'https://idp.example.com/token',
    };
    expect(optionsOf(oauth)?.login).to.deep.equal({ ...login, scope: undefined });
    expect(optionsOf({ ...oauth, SNOWFLAKE_OAUTH_SCOPE: 's' })?.login).to.include({ scope: 's' });
  });

  it('may be by the identity of the workload, which needs no user', () => {
    expect(optionsOf(by('AWS'))).to.deep.include({
      user: undefined,
      login: { kind: 'workload-identity', identity: { provider: 'AWS', impersonationPath: [] } },
    });
    const path = { SNOWFLAKE_WORKLOAD_IDENTITY_IMPERSONATION_PATH: 'one@x, two@x' };
    const google = { provider: 'GCP', impersonationPath: ['one@x', 'two@x'] };
    expect(optionsOf(by('GCP', path))?.login).to.deep.include({ identity: google });
    const client = { SNOWFLAKE_WORKLOAD_IDENTITY_AZURE_CLIENT_ID: 'c' };
    const azure = { provider: 'AZURE', clientId: 'c', resource: undefined };
    expect(optionsOf(by('AZURE', client))?.login).to.deep.include({ identity: azure });
    const file = { SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH: token, SNOWFLAKE_USER: 'u' };
    expect(optionsOf(by('OIDC', file))).to.deep.include({
      user: 'u',
      login: { kind: 'workload-identity', identity: { provider: 'OIDC', path: token } },
    });
  });

  const wrong: [what: string, environment: () => Environment, fault: string][] = [
    [
      'two ways',
      () => ({ ...oauth, SNOWFLAKE_PASSWORD: 'S3cret' }),
      'SNOWFLAKE_PASSWORD must not be set beside SNOWFLAKE_OAUTH_CLIENT_ID: choose one',
    ],
    [
      'a client without its secret',
      () => ({ ...oauth, SNOWFLAKE_OAUTH_CLIENT_SECRET: '' }),
      'SNOWFLAKE_OAUTH_CLIENT_SECRET must be set with SNOWFLAKE_OAUTH_CLIENT_ID',
    ],
    [
      'an OAuth server without TLS',
      () => ({ ...oauth, SNOWFLAKE_OAUTH_TOKEN_URL: 'http://idp.example.com' }),
      'SNOWFLAKE_OAUTH_TOKEN_URL must be an https URL; http is for a loopback address only',
    ],
    [
      'a scope of no client',
      () => ({ ...least, SNOWFLAKE_OAUTH_SCOPE: 's' }),
      'SNOWFLAKE_OAUTH_SCOPE is for SNOWFLAKE_OAUTH_CLIENT_ID alone',
    ],
    [
      'an unknown provider',
      () => by('IBM', { SNOWFLAKE_USER: 'u' }),
      'SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER must be one of AWS, AZURE, GCP, OIDC',
    ],
    [
      'OpenID Connect without a token',
      () => by('OIDC'),
      'SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH must be set with SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER',
    ],
    [
      'a token for a provider that has its own',
      () => by('AWS', { SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH: token }),
      'SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH is for SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER=OIDC alone',
    ],
    [
      'a file that is missing',
      () => ({ ...named, SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH: join(folder, 'missing') }),
      'SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH must name a file that can be read',
    ],
    [
      'a file without a token',
      () => by('OIDC', { SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH: join(folder, 'empty') }),
      'SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH must name a file with a token',
    ],
  ];
  for (const [what, environment, fault] of wrong) {
    it(`is refused by name with ${what}`, () => {
      expect(faultsOf(environment())).to.deep.equal([fault]);
    });
  }
});
