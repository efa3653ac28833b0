import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SignJWT } from 'jose';
import { loadDriver } from '../../src/store/snowflake/driver.js';
import { explainLogin } from '../../src/store/snowflake/explain-login.js';
import { classify } from '../../src/store/snowflake/failure.js';
import { openSession } from '../../src/store/snowflake/session.js';
import { rsaKey } from '../support/oidc/signing-keys.js';
import type { SigningKey } from '../support/oidc/signing-keys.js';
import { settingsWith } from '../support/settings.js';
import { Platform } from './support/platform.js';
import { SnowflakeServer, user } from './support/server.js';

const oauth = { issuer: 'https://idp.example.com', audience: 'https://snowflake.example.com' };
const identities = {
  OIDC: { issuer: 'https://oidc.example.com', audience: 'snowflakecomputing.com' },
  GCP: { issuer: 'https://accounts.google.com', audience: 'snowflakecomputing.com' },
  AZURE: {
    issuer: 'https://login.microsoftonline.com/tenant/v2.0',
    audience: 'api://fd3f753b-eed3-462c-b6a7-a4b5bb650aad',
  },
} as const;
const accessToken = 'a-programmatic-access-token';
const awsSecret = 'secret-of-the-workload';

describe('a login to Snowflake', function () {
  this.timeout(60_000);
  const platform = new Platform();
  let key: SigningKey;
  let stranger: SigningKey;
  let server: SnowflakeServer;
  let folder: string;
  let tokenPath: string;

  before(async () => {
    [key, stranger] = await Promise.all([rsaKey('platform'), rsaKey('stranger')]);
    const publicKey = key.publicKeyPem;
    server = await SnowflakeServer.start([], 2, {
      accessToken,
      oauth: { ...oauth, publicKey },
      identities: Object.entries(identities).map(([provider, identity]) => ({
        provider: provider as keyof typeof identities,
        ...identity,
        subject: 'workload',
        publicKey,
      })),
      aws: { accessKeyId: 'AKIATEST', secretAccessKey: awsSecret },
    });
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    tokenPath = join(folder, 'token');
    await platform.start();
  });
  after(async () => {
    await platform.stop();
    await server.stop();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    platform.refusal = undefined;
    platform.grants.length = 0;
  });

  /** Logs in by what the settings say, and tells who that is. */
  async function logIn(settings: Record<string, string>): Promise<unknown> {
    const { store } = settingsWith({
      STORE: 'snowflake',
      SNOWFLAKE_ACCOUNT: 'TEST',
      SNOWFLAKE_ACCESS_URL: server.url,
      SNOWFLAKE_ROLE: 'DEPLOYER',
      ...settings,
    });
    if (store.kind !== 'snowflake') throw new Error('The store is not Snowflake');
    const link = await openSession(await loadDriver(store.options), store.options);
    const rows = await link.query({ sql: 'SELECT CURRENT_USER() AS me', values: [] });
    await link.close();
    return rows[0]?.['ME'];
  }

  const refusalOf = (settings: Record<string, string>) =>
    logIn(settings).then(
      () => {
        throw new Error('The login was not refused');
      },
      (error: unknown) => error as Error,
    );

  const sign = (claims: Record<string, string>, by = key) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuedAt()
      .setExpirationTime('5 minutes')
      .sign(by.privateKey);

  const attest = (provider: keyof typeof identities, by = key, subject = 'workload') => {
    const { issuer, audience } = identities[provider];
    return sign({ iss: issuer, aud: audience, sub: subject }, by);
  };

  const grant = (claims: Record<string, string> = {}) =>
    sign({
      iss: oauth.issuer,
      aud: oauth.audience,
      sub: user,
      scope: 'session:role:DEPLOYER',
      ...claims,
    });

  describe('by a programmatic access token', () => {
    const settings = () => ({
      SNOWFLAKE_USER: user,
      SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH: tokenPath,
    });

    it('reads it from its file', async () => {
      await writeFile(tokenPath, `${accessToken}\n`);
      expect(await logIn(settings())).to.equal(user);
    });

    it('that is not valid is refused, with what to check', async () => {
      await writeFile(tokenPath, 'another-token');
      const error = await refusalOf(settings());
      expect(classify(error)).to.equal('refused');
      expect(explainLogin(error)).to.match(/394400\)\nCheck the token in SNOWFLAKE_PROGRAMMATIC/);
      expect(explainLogin(error)).not.to.include('another-token');
    });
  });

  describe('by the credentials of an OAuth client', () => {
    const settings = () => ({
      SNOWFLAKE_USER: user,
      SNOWFLAKE_OAUTH_CLIENT_ID: 'queue',
      SNOWFLAKE_OAUTH_CLIENT_SECRET: 'secret of the client',
      SNOWFLAKE_OAUTH_TOKEN_URL: platform.oauthUrl,
    });

    it('asks for a token of the role', async () => {
      platform.tokens.oauth = await grant();
      expect(await logIn(settings())).to.equal(user);
      expect(platform.grants.map((each) => Object.fromEntries(each))).to.deep.equal([
        {
          grant_type: 'client_credentials',
          client_id: 'queue',
          client_secret: 'secret of the client',
          scope: 'session:role:DEPLOYER',
        },
      ]);
    });

    it('asks for the scope of the settings', async () => {
      platform.tokens.oauth = await grant({ scope: 'session:role-any' });
      await logIn({ ...settings(), SNOWFLAKE_OAUTH_SCOPE: 'api://snowflake/.default' });
      expect(platform.grants[0]?.get('scope')).to.equal('api://snowflake/.default');
    });

    it('that the OAuth server refuses is refused, with what to check', async () => {
      platform.refusal = 401;
      const error = await refusalOf(settings());
      expect(classify(error)).to.equal('refused');
      expect(explainLogin(error)).to.match(/SNOWFLAKE_OAUTH_CLIENT_ID/);
      expect(explainLogin(error)).not.to.include('secret of the client');
    });

    it('is tried again when the OAuth server is broken or out of reach', async () => {
      platform.refusal = 503;
      expect(classify(await refusalOf(settings()))).to.equal('lost');
      const nobody = { ...settings(), SNOWFLAKE_OAUTH_TOKEN_URL: 'http://127.0.0.1:1/token' };
      expect(classify(await refusalOf(nobody))).to.equal('lost');
    });

    it('of another user, or without the role, is refused, with what to check', async () => {
      for (const claims of [{ sub: 'OTHER' }, { scope: 'session:role:OTHER' }, { aud: 'other' }]) {
        platform.tokens.oauth = await grant(claims);
        const error = await refusalOf(settings());
        expect(classify(error), JSON.stringify(claims)).to.equal('refused');
        expect(explainLogin(error)).to.match(/\nCheck the security integration/);
      }
    });
  });

  describe('by the identity of the workload', () => {
    const by = (provider: string, more: Record<string, string> = {}) => ({
      SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER: provider,
      ...more,
    });
    const oidc = (more: Record<string, string> = {}) =>
      by('OIDC', { SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH: tokenPath, ...more });

    it('reads a token of OpenID Connect from its file, for each login', async () => {
      await writeFile(tokenPath, await attest('OIDC', stranger));
      const refused = await refusalOf(oidc());
      expect(classify(refused)).to.equal('refused');
      await writeFile(tokenPath, await attest('OIDC'));
      expect(await logIn(oidc())).to.equal(user);
    });

    it('is of the user of the settings, where they name one', async () => {
      await writeFile(tokenPath, await attest('OIDC'));
      expect(await logIn(oidc({ SNOWFLAKE_USER: user }))).to.equal(user);
      expect(classify(await refusalOf(oidc({ SNOWFLAKE_USER: 'OTHER' })))).to.equal('refused');
    });

    it('asks the managed identity of Azure', async () => {
      platform.tokens.azure = await attest('AZURE');
      expect(await logIn(by('AZURE'))).to.equal(user);
    });

    it('asks the metadata server of Google', async () => {
      platform.tokens.google = await attest('GCP');
      expect(await logIn(by('GCP'))).to.equal(user);
      platform.tokens.google = await attest('GCP', key, 'another workload');
      expect(classify(await refusalOf(by('GCP')))).to.equal('refused');
    });

    it('signs a request to AWS', async () => {
      platform.awsSecret = awsSecret;
      expect(await logIn(by('AWS'))).to.equal(user);
      platform.awsSecret = 'of another workload';
      expect(classify(await refusalOf(by('AWS')))).to.equal('refused');
    });
  });
});
