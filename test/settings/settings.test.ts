import { expect } from 'chai';
import type { Settings } from '../../src/settings/settings.js';
import { invalidSettings as invalid, settingsWith } from '../support/settings.js';

type Environment = Readonly<Record<string, string>>;

const defaults: Settings = {
  store: { kind: 'sqlite', path: 'data/deployments.db' },
  auth: {
    enabled: true,
    demo: false,
    developmentOrganisation: 'local-dev',
    allowedOrganisations: undefined,
    oidc: {
      issuer: 'https://token.actions.githubusercontent.com',
      audience: 'deployment-queue-api',
      keyLifetimeSeconds: 3600,
    },
    gitHub: {
      apiUrl: 'https://api.github.com',
      serverUrl: 'https://github.com',
      apiVersion: '2022-11-28',
      membershipLifetimeSeconds: 300,
    },
    failuresPerMinute: 60,
    refusalLinesPerSecond: 20,
  },
  signIn: undefined,
  http: {
    host: '0.0.0.0',
    managementHost: '0.0.0.0',
    apiPort: 8000,
    managementPort: 9090,
    bodyLimitBytes: 102_400,
    connections: {
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
      keepAliveTimeoutMs: 65_000,
      idleTimeoutMs: 120_000,
      maxConnections: 10_000,
      maxHeaders: 100,
      maxHeaderBytes: 16_384,
    },
    rateLimit: { perSecond: 50, burst: 500 },
    overloadLagMs: 1_000,
    corsOrigins: [],
    defaultEnvironment: undefined,
    trustForwardedPrefix: false,
    trustedProxies: [],
  },
  retention: {
    quota: { deployments: 2_000_000, bytes: 4_294_967_296 },
    days: undefined,
  },
  metrics: { labelLimit: 100, queueDepthSeconds: 15 },
  tracing: undefined,
  proxies: undefined,
  logLevel: 'info',
};

describe('settings', () => {
  it('have a default each', () => {
    expect(settingsWith()).to.deep.equal(defaults);
  });

  it('take what is empty for what is not set', () => {
    const names = [
      ...['STORE', 'SQLITE_PATH', 'AUTH_ENABLED', 'DEMO', 'DEV_ORGANISATION', 'HOST', 'API_PORT'],
      ...[
        'MANAGEMENT_HOST',
        'MANAGEMENT_PORT',
        'RATE_LIMIT_PER_SECOND',
        'BODY_LIMIT_BYTES',
        'LOG_LEVEL',
        'SNOWFLAKE_ACCOUNT',
      ],
    ];

    const empty = Object.fromEntries(names.map((name) => [name, '']));
    expect(settingsWith(empty)).to.deep.equal(defaults);
  });

  it('do not mind variables that are not theirs', () => {
    expect(settingsWith({ PATH: '/usr/bin', PORT: 'x', api_port: 'x' })).to.deep.equal(defaults);
  });

  const { auth, http, metrics, retention } = defaults;
  const taken: [string, Environment, Settings][] = [
    ['STORE', { STORE: 'sqlite' }, defaults],
    [
      'SQLITE_PATH',
      { SQLITE_PATH: '/tmp/d.db' },
      { ...defaults, store: { kind: 'sqlite', path: '/tmp/d.db' } },
    ],
    ['AUTH_ENABLED', { AUTH_ENABLED: 'true' }, defaults],
    [
      'AUTH_ENABLED, which closes the default HOST when it is false',
      { AUTH_ENABLED: 'false' },
      {
        ...defaults,
        auth: { ...auth, enabled: false },
        http: { ...http, host: '127.0.0.1', managementHost: '127.0.0.1' },
      },
    ],
    [
      'DEV_ORGANISATION, in lower case',
      { DEV_ORGANISATION: 'My-Team' },
      { ...defaults, auth: { ...auth, developmentOrganisation: 'my-team' } },
    ],
    [
      'HOST, for management too',
      { HOST: '10.0.0.1' },
      { ...defaults, http: { ...http, host: '10.0.0.1', managementHost: '10.0.0.1' } },
    ],
    [
      'MANAGEMENT_HOST',
      { MANAGEMENT_HOST: '127.0.0.1' },
      { ...defaults, http: { ...http, managementHost: '127.0.0.1' } },
    ],
    ['API_PORT', { API_PORT: '65535' }, { ...defaults, http: { ...http, apiPort: 65_535 } }],
    [
      'MANAGEMENT_PORT',
      { MANAGEMENT_PORT: '1' },
      { ...defaults, http: { ...http, managementPort: 1 } },
    ],
    [
      'BODY_LIMIT_BYTES, from 1 KiB',
      { BODY_LIMIT_BYTES: '1024' },
      { ...defaults, http: { ...http, bodyLimitBytes: 1024 } },
    ],
    [
      'BODY_LIMIT_BYTES, to 10 MiB',
      { BODY_LIMIT_BYTES: '10485760' },
      { ...defaults, http: { ...http, bodyLimitBytes: 10_485_760 } },
    ],
    [
      'METRICS_LABEL_LIMIT',
      { METRICS_LABEL_LIMIT: '7' },
      { ...defaults, metrics: { ...metrics, labelLimit: 7 } },
    ],
    [
      'METRICS_QUEUE_DEPTH_SECONDS, off',
      { METRICS_QUEUE_DEPTH_SECONDS: '0' },
      { ...defaults, metrics: { ...metrics, queueDepthSeconds: 0 } },
    ],
    [
      'quotas',
      { QUOTA_DEPLOYMENTS: '10', QUOTA_BYTES: '0' },
      { ...defaults, retention: { quota: { deployments: 10, bytes: 0 }, days: undefined } },
    ],
    [
      'RETENTION_DAYS',
      { RETENTION_DAYS: '90' },
      { ...defaults, retention: { ...retention, days: 90 } },
    ],
    ['LOG_LEVEL', { LOG_LEVEL: 'silent' }, { ...defaults, logLevel: 'silent' }],
    [
      'proxies, also in lower case, which wins',
      { HTTPS_PROXY: 'http://a:3128', https_proxy: 'http://b:3128', NO_PROXY: 'c' },
      { ...defaults, proxies: { httpsProxy: 'http://b:3128', httpProxy: '', noProxy: 'c' } },
    ],
  ];
  for (const [what, environment, settings] of taken) {
    it(`take ${what}`, () => {
      expect(settingsWith(environment)).to.deep.equal(settings);
    });
  }
});

describe('wrong settings', () => {
  const range = 'must be a port number, 0 to 65535';
  const bytes = 'must be a number of bytes, 1024 to 10485760';
  const proxy = 'must be the http or https URL of a proxy, such as http://proxy.example.com:3128';
  const levels = 'fatal, error, warn, info, debug, trace, silent';

  const wrong: [string, string, string][] = [
    ['STORE', 'mysql', 'must be sqlite, postgres or snowflake'],
    ['STORE', 'SQLite', 'must be sqlite, postgres or snowflake'],
    ['AUTH_ENABLED', 'no', 'must be true or false'],
    ['AUTH_ENABLED', '0', 'must be true or false'],
    ['AUTH_ENABLED', 'False', 'must be true or false'],
    ['DEMO', 'yes', 'must be true or false'],
    ['DEV_ORGANISATION', '-acme', "must be a GitHub organisation's login"],
    ['DEV_ORGANISATION', 'a/b', "must be a GitHub organisation's login"],
    ['API_PORT', 'http', range],
    ['API_PORT', '80.5', range],
    ['API_PORT', '-1', range],
    ['API_PORT', '65536', range],
    ['MANAGEMENT_PORT', 'http', range],
    ['MANAGEMENT_PORT', '80.5', range],
    ['MANAGEMENT_PORT', '-1', range],
    ['MANAGEMENT_PORT', '65536', range],
    ['BODY_LIMIT_BYTES', '100kb', bytes],
    ['BODY_LIMIT_BYTES', '2000.5', bytes],
    ['BODY_LIMIT_BYTES', '1023', bytes],
    ['BODY_LIMIT_BYTES', '10485761', bytes],
    ['METRICS_LABEL_LIMIT', '0', 'must be a number of labels, 1 to 10000'],
    ['METRICS_QUEUE_DEPTH_SECONDS', '-1', 'must be a number of seconds, 0 to 86400'],
    ['QUOTA_DEPLOYMENTS', '1e6', 'must be a number of deployments, 0 to 1000000000000'],
    ['QUOTA_BYTES', '2GiB', 'must be a number of bytes, 0 to 1000000000000000'],
    ['RETENTION_DAYS', '1.5', 'must be a number of days, 0 to 36500'],
    ['RETENTION_DAYS', '36501', 'must be a number of days, 0 to 36500'],
    ['LOG_LEVEL', 'verbose', `must be one of ${levels}`],
    ['LOG_LEVEL', 'INFO', `must be one of ${levels}`],
    ['HTTPS_PROXY', 'proxy:3128', proxy],
    ['HTTP_PROXY', 'socks5://user:secret@proxy', proxy],
  ];
  for (const [name, value, fault] of wrong) {
    it(`are refused by name: ${name}=${value}`, () => {
      expect(invalid({ [name]: value }).faults).to.deep.equal([`${name} ${fault}`]);
    });
  }

  it('are all listed at once, a line each', () => {
    const environment = Object.fromEntries(wrong.map(([name, value]) => [name, value]));
    const { faults, message } = invalid(environment);

    const names = faults.map((fault) => fault.split(' ', 1).join());
    expect(names).to.have.members(Object.keys(environment));
    expect(message.split('\n')).to.deep.equal([
      'The settings are not valid:',
      ...faults.map((fault) => `  ${fault}`),
    ]);
  });

  it('are listed together with those that contradict each other', () => {
    const { faults } = invalid({
      AUTH_ENABLED: 'false',
      HOST: '0.0.0.0',
      API_PORT: '8080',
      MANAGEMENT_PORT: '8080',
      LOG_LEVEL: 'loud',
    });

    expect(faults).to.have.length(3);
    expect(faults.join('\n')).to.match(/^LOG_LEVEL .*\nHOST .*\nMANAGEMENT_PORT .*$/);
  });

  it('are never repeated, since a value may be a secret', () => {
    const secret = 'S3cret/value';
    const names = [...new Set(wrong.map(([name]) => name))];
    const everything = Object.fromEntries(names.map((name) => [name, secret]));

    for (const environment of [everything, { HOST: secret, AUTH_ENABLED: 'false' }]) {
      expect(invalid(environment).message).not.to.match(/s3cret/i);
    }
  });
});

describe('an address to listen on, while authentication is off,', () => {
  for (const name of ['HOST', 'MANAGEMENT_HOST']) {
    for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost', 'LOCALHOST']) {
      it(`may be ${host} in ${name}`, () => {
        const { http } = settingsWith({ AUTH_ENABLED: 'false', [name]: host });
        expect(http.managementHost).to.equal(host);
        expect(http.host).to.equal(name === 'HOST' ? host : '127.0.0.1');
      });
    }

    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.test']) {
      it(`must not be ${host} in ${name}, unless authentication is on or this is a demo`, () => {
        const open = { AUTH_ENABLED: 'false', [name]: host };
        expect(invalid(open).faults).to.deep.equal([
          `${name} must be a loopback address (127.0.0.1, ::1 or localhost) ` +
            'while AUTH_ENABLED is false and DEMO is not true',
        ]);
        for (const environment of [{ [name]: host }, { ...open, DEMO: 'true' }]) {
          expect(settingsWith(environment).http.managementHost).to.equal(host);
        }
      });
    }
  }

  it('is refused in both at once', () => {
    const { faults } = invalid({
      AUTH_ENABLED: 'false',
      HOST: '0.0.0.0',
      MANAGEMENT_HOST: '0.0.0.0',
    });
    expect(faults.map((fault) => fault.split(' ', 1)[0])).to.deep.equal([
      'HOST',
      'MANAGEMENT_HOST',
    ]);
  });
});

describe('a demo', () => {
  it('is on loopback as well, unless another address is set', () => {
    const { auth, http } = settingsWith({ AUTH_ENABLED: 'false', DEMO: 'true' });
    expect(auth).to.include({ enabled: false, demo: true });
    expect(http).to.include({ host: '127.0.0.1', managementHost: '127.0.0.1' });
  });

  it('has no authentication: one that has it is none', () => {
    const fault = 'DEMO must not be true while AUTH_ENABLED is true';
    for (const environment of [{ DEMO: 'true' }, { DEMO: 'true', AUTH_ENABLED: 'true' }]) {
      expect(invalid(environment).faults).to.deep.equal([fault]);
    }
  });
});

describe('the two ports', () => {
  const clashes: Environment[] = [
    { API_PORT: '8080', MANAGEMENT_PORT: '8080' },
    { API_PORT: '9090' },
    { MANAGEMENT_PORT: '8000' },
  ];
  for (const environment of clashes) {
    it(`must not be the same: ${JSON.stringify(environment)}`, () => {
      expect(invalid(environment).faults).to.deep.equal([
        'MANAGEMENT_PORT must not be the same as API_PORT',
      ]);
    });
  }

  it('may both be 0, which is any free port', () => {
    const { http } = settingsWith({ API_PORT: '0', MANAGEMENT_PORT: '0' });

    expect(http).to.include({ apiPort: 0, managementPort: 0 });
  });
});
