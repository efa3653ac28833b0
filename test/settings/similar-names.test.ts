import { expect } from 'chai';
import { settingNames } from '../../src/settings/settings.js';
import { similarNames } from '../../src/settings/similar-names.js';

const meant = (variable: string) =>
  similarNames([variable], settingNames).map(({ setting }) => setting);

describe('a variable whose name is nearly that of a setting', () => {
  const typos: [variable: string, setting: string][] = [
    ['API_PROT', 'API_PORT'],
    ['APIPORT', 'API_PORT'],
    ['api_port', 'API_PORT'],
    ['Host', 'HOST'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['AUTH_ENABLE', 'AUTH_ENABLED'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['ALLOWED_ORGANIZATIONS', 'ALLOWED_ORGANISATIONS'],
    ['ALLOWED_ORGANIZATION', 'ALLOWED_ORGANISATIONS'],
    ['ALOWED_ORGANISATION', 'ALLOWED_ORGANISATIONS'],
    ['RATE_LIMIT_PER_SECONDS', 'RATE_LIMIT_PER_SECOND'],
    ['SNOWFLAKE_PASWORD', 'SNOWFLAKE_PASSWORD'],
    ['SNOWFLAKE_ACOCUNT', 'SNOWFLAKE_ACCOUNT'],
  ];
  for (const [variable, setting] of typos) {
    it(`was probably meant as one: ${variable} as ${setting}`, () => {
      expect(meant(variable)).to.deep.equal([setting]);
    });
  }

  const others = [
    ...['PATH', 'HOME', 'PORT', 'HOSTNAME', 'HOSTS', 'DEMOS', 'NODE_ENV', 'NODE_OPTIONS', 'TMPDIR'],
    ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'DATABASE_URL', 'GITHUB_TOKEN', 'GITHUB_API'],
    ...['KUBERNETES_SERVICE_HOST', 'KUBERNETES_PORT', 'OTEL_EXPORTER_OTLP_HEADERS', 'SHLVL'],
    ...['SNOWFLAKE_HOST', 'SNOWFLAKE_TOKEN', 'SNOWFLAKE_HOME', 'npm_config_cache', 'PWD', '_'],
  ];
  for (const variable of others) {
    it(`is another: ${variable}`, () => {
      expect(meant(variable)).to.deep.equal([]);
    });
  }

  it('is none of the settings', () => {
    expect(similarNames(settingNames, settingNames)).to.deep.equal([]);
  });
});
