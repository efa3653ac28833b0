import { expect } from 'chai';
import { invalidSettings, settingsWith } from '../support/settings.js';

describe('settings of HTTP', () => {
  it('have sane limits by default, of the rate as well, and no other origins', () => {
    const { connections, rateLimit, overloadLagMs, corsOrigins } = settingsWith().http;
    expect(connections).to.deep.equal({
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
      keepAliveTimeoutMs: 65_000,
      idleTimeoutMs: 120_000,
      maxConnections: 10_000,
      maxHeaders: 100,
      maxHeaderBytes: 16_384,
    });
    expect({ rateLimit, overloadLagMs, corsOrigins }).to.deep.equal({
      rateLimit: { perSecond: 50, burst: 500 },
      overloadLagMs: 1_000,
      corsOrigins: [],
    });
  });

  it('take each limit', () => {
    const { connections } = settingsWith({
      HTTP_HEADERS_TIMEOUT_MS: '101',
      HTTP_REQUEST_TIMEOUT_MS: '102',
      HTTP_KEEP_ALIVE_TIMEOUT_MS: '103',
      HTTP_IDLE_TIMEOUT_MS: '104',
      HTTP_MAX_CONNECTIONS: '105',
      HTTP_MAX_HEADERS: '106',
      HTTP_MAX_HEADER_BYTES: '1070',
    }).http;
    expect(connections).to.deep.equal({
      headersTimeoutMs: 101,
      requestTimeoutMs: 102,
      keepAliveTimeoutMs: 103,
      idleTimeoutMs: 104,
      maxConnections: 105,
      maxHeaders: 106,
      maxHeaderBytes: 1070,
    });
  });

  const rates: [Record<string, string>, { perSecond: number; burst: number } | undefined][] = [
    [{ RATE_LIMIT_PER_SECOND: '0' }, undefined],
    [{ RATE_LIMIT_PER_SECOND: '0', RATE_LIMIT_BURST: '5' }, undefined],
    [{ RATE_LIMIT_BURST: '5' }, { perSecond: 50, burst: 5 }],
    [{ RATE_LIMIT_PER_SECOND: '20' }, { perSecond: 20, burst: 200 }],
    [{ RATE_LIMIT_PER_SECOND: '0.05' }, { perSecond: 0.05, burst: 1 }],
    [
      { RATE_LIMIT_PER_SECOND: '2.5', RATE_LIMIT_BURST: '7' },
      { perSecond: 2.5, burst: 7 },
    ],
  ];
  for (const [environment, rate] of rates) {
    it(`take a rate limit of ${JSON.stringify(environment)}`, () => {
      expect(settingsWith(environment).http.rateLimit).to.deep.equal(rate);
    });
  }

  it('take 0 as the lag for never shedding', () => {
    expect(settingsWith({ OVERLOAD_LAG_MS: '0' }).http.overloadLagMs).to.equal(undefined);
    expect(settingsWith({ OVERLOAD_LAG_MS: '70' }).http.overloadLagMs).to.equal(70);
  });

  it('take origins, each once', () => {
    const list = 'https://a.example, http://localhost:3000,https://a.example';
    expect(settingsWith({ CORS_ORIGINS: list }).http.corsOrigins).to.deep.equal([
      'https://a.example',
      'http://localhost:3000',
    ]);
  });

  it('take the name of an environment in lower case', () => {
    const { http } = settingsWith({ DEFAULT_ENVIRONMENT: 'Production EU' });
    expect(http.defaultEnvironment).to.equal('production eu');
  });

  it('trust the prefix of a proxy when they say so', () => {
    expect(settingsWith({ TRUST_FORWARDED_PREFIX: 'true' }).http.trustForwardedPrefix).to.equal(
      true,
    );
  });

  it('take proxies: addresses and networks of both kinds', () => {
    const list = '10.0.0.0/8, 192.0.2.1,fd00::/8,::1';
    expect(settingsWith({ TRUSTED_PROXIES: list }).http.trustedProxies).to.deep.equal([
      '10.0.0.0/8',
      '192.0.2.1',
      'fd00::/8',
      '::1',
    ]);
  });

  const networks =
    /^TRUSTED_PROXIES must be IP addresses or networks such as 10\.0\.0\.0\/8 or fd00/;
  const environment = /^DEFAULT_ENVIRONMENT must be the name of an environment, of 1 to 255/;
  const origins = /^CORS_ORIGINS must be origins such as https:\/\/deployments\.example\.com/;
  const wrong: [name: string, value: string, fault: RegExp][] = [
    ['DEFAULT_ENVIRONMENT', '  ', environment],
    ['DEFAULT_ENVIRONMENT', 'a'.repeat(256), environment],
    ['DEFAULT_ENVIRONMENT', 'İ'.repeat(255), environment],
    ['TRUST_FORWARDED_PREFIX', 'yes', /^TRUST_FORWARDED_PREFIX must be true or false$/],
    ['CORS_ORIGINS', '*', origins],
    ['CORS_ORIGINS', 'null', origins],
    ['CORS_ORIGINS', 'https://a.example/', origins],
    ['CORS_ORIGINS', 'https://A.example', origins],
    ['CORS_ORIGINS', 'https://a.example:443', origins],
    ['CORS_ORIGINS', 'https://a.example,,', origins],
    ['CORS_ORIGINS', 'ftp://a.example', origins],
    ['CORS_ORIGINS', 'a.example', origins],
    ['TRUSTED_PROXIES', '*', networks],
    ['TRUSTED_PROXIES', 'true', networks],
    ['TRUSTED_PROXIES', '1', networks],
    ['TRUSTED_PROXIES', 'loopback', networks],
    ['TRUSTED_PROXIES', 'proxy.example.com', networks],
    ['TRUSTED_PROXIES', '10.0.0.0/0', networks],
    ['TRUSTED_PROXIES', '10.0.0.0/33', networks],
    ['TRUSTED_PROXIES', '10.0.0.0/255.0.0.0', networks],
    ['TRUSTED_PROXIES', '10.0.0.0/', networks],
    ['TRUSTED_PROXIES', '10.0.0/8', networks],
    ['TRUSTED_PROXIES', '::1/129', networks],
    ['TRUSTED_PROXIES', 'fe80::1%eth0', networks],
    ['TRUSTED_PROXIES', '10.0.0.1,,', networks],
    ['TRUSTED_PROXIES', '10.0.0.1:80', networks],
    ['RATE_LIMIT_PER_SECOND', '-1', /^RATE_LIMIT_PER_SECOND must be a number of requests a second/],
    ['RATE_LIMIT_PER_SECOND', '100001', /^RATE_LIMIT_PER_SECOND must be a number of requests/],
    ['RATE_LIMIT_PER_SECOND', '1e3', /^RATE_LIMIT_PER_SECOND must be a number of requests/],
    ['RATE_LIMIT_BURST', '1.5', /^RATE_LIMIT_BURST must be a number of requests, 0 to 1000000$/],
    ['HTTP_HEADERS_TIMEOUT_MS', '10s', /^HTTP_HEADERS_TIMEOUT_MS must be a number of millisec/],
    ['HTTP_REQUEST_TIMEOUT_MS', '99', /^HTTP_REQUEST_TIMEOUT_MS must be .*, 100 to 3600000$/],
    ['HTTP_MAX_CONNECTIONS', '0', /^HTTP_MAX_CONNECTIONS must be a number of connections, 1 to/],
    ['HTTP_MAX_HEADERS', '9', /^HTTP_MAX_HEADERS must be a number of headers, 10 to 1000$/],
    ['OVERLOAD_LAG_MS', 'soon', /^OVERLOAD_LAG_MS must be a number of milliseconds, 0 to 60000$/],
    [
      'HTTP_REQUEST_TIMEOUT_MS',
      '9999',
      /^HTTP_HEADERS_TIMEOUT_MS must not be longer than HTTP_REQ/,
    ],
  ];
  for (const [name, value, fault] of wrong) {
    it(`are refused by name: ${name}=${value}`, () => {
      const [only, ...more] = invalidSettings({ [name]: value }).faults;
      expect(only).to.match(fault);
      expect(more).to.deep.equal([]);
    });
  }
});

describe('settings of tracing', () => {
  it('are none without an endpoint', () => {
    expect(settingsWith({ OTEL_SERVICE_NAME: 'x' }).tracing).to.equal(undefined);
  });

  it('have defaults beside the endpoint', () => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
    expect(settingsWith(environment).tracing).to.deep.equal({
      endpoint: 'http://collector:4318',
      serviceName: 'deployment-queue-api',
      sampler: 'parentbased_always_on',
      ratio: 1,
      timeoutMs: 10_000,
    });
  });

  describe('with headers for the collector, which may hold a token,', () => {
    const faults = (environment: Record<string, string>) =>
      invalidSettings({ OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x', ...environment })
        .faults;
    const endpoint = (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const told =
      /^OTEL_EXPORTER_OTLP_ENDPOINT must be https while there are OTEL_EXPORTER_OTLP_HEADERS/;

    it('refuse plain http to another machine', () => {
      const [only = '', ...more] = faults(endpoint('http://collector:4318'));
      expect(only).to.match(told).and.not.include('Bearer');
      expect(more).to.deep.equal([]);
      const ofTraces = { OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=b', OTEL_EXPORTER_OTLP_HEADERS: '' };
      expect(faults({ ...endpoint('http://10.0.0.1'), ...ofTraces })[0]).to.match(told);
    });

    for (const [what, environment] of Object.entries({
      https: endpoint('https://collector:4318'),
      'this machine': endpoint('http://[::1]:4318'),
      'what is insecure on purpose': {
        ...endpoint('http://collector:4318'),
        OTEL_EXPORTER_OTLP_INSECURE: 'true',
      },
      'no collector at all': {},
    })) {
      it(`take ${what}`, () => {
        const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x' };
        expect(() => settingsWith({ ...headers, ...environment })).not.to.throw();
      });
    }
  });

  const wrong: [name: string, value: string, fault: RegExp][] = [
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', /must be an http or https URL/],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://me:pw@collector', /without credentials$/],
    ['OTEL_TRACES_SAMPLER', 'sometimes', /must be one of always_on, always_off, traceidratio, /],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', /must be a share from 0 to 1$/],
  ];
  for (const [name, value, fault] of wrong) {
    it(`are refused by name: ${name}=${value}`, () => {
      const [only, ...more] = invalidSettings({ [name]: value }).faults;
      expect(only)
        .to.match(fault)
        .and.to.match(new RegExp(`^${name} `));
      expect(more).to.deep.equal([]);
    });
  }
});
