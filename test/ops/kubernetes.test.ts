import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readSettings, settingNames } from '../../src/settings/settings.js';
import { readStages } from '../container/support/dockerfile.js';
import { endMs } from '../../src/commands/start.js';
import { settingsWith } from '../support/settings.js';
import { runService } from '../support/http.js';
import { faultsOf, readManifests } from './support/manifests.js';
import type { Manifest } from './support/manifests.js';

const manifests = readManifests();

/** What the one document of a kind in a file holds. */
function contentOf(file: string, kind: string, index = 0) {
  const path = `ops/kubernetes/${file}`;
  const found = manifests.filter((manifest) => manifest.file === path && manifest.kind === kind);
  const manifest = found[index];
  if (manifest === undefined) throw new Error(`There is no ${kind} in ${path}`);
  return manifest.content;
}

describe('the manifests for Kubernetes', () => {
  const running = runService();
  const pod = contentOf('base/deployment.yaml', 'Deployment').spec.template;
  const [container] = pod.spec.containers;
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const image = readStages(dockerfile).at(-1);

  it('have no field that Kubernetes or Prometheus Operator does not know', () => {
    expect(manifests).to.have.length.greaterThan(10);
    expect(faultsOf(manifests)).to.deep.equal([]);
  });

  it('would fail for a field that is unknown, missing or of another type', () => {
    const broken = (kind: string, file: string, change: (content: string) => string): Manifest => {
      const text = JSON.stringify(contentOf(file, kind));
      expect(change(text)).not.to.equal(text);
      return { file, kind, content: JSON.parse(change(text)), isPatch: false };
    };
    const deployment = (change: (content: string) => string) =>
      broken('Deployment', 'base/deployment.yaml', change);
    const faults = faultsOf([
      deployment((text) => text.replace('livenessProbe', 'livenesProbe')),
      deployment((text) => text.replace('readOnlyRootFilesystem":true', 'readOnlyRoot":true')),
      deployment((text) => text.replace('"selector"', '"selectors"')),
      deployment((text) => text.replace('"periodSeconds":10', '"periodSeconds":"10"')),
      broken('ServiceMonitor', 'components/monitoring/service-monitor.yaml', (text) =>
        text.replace('scrapeTimeout', 'scrapeTimeOut'),
      ),
      broken('NetworkPolicy', 'base/network-policy.yaml', (text) =>
        text.replace('namespaceSelector', 'namespaces'),
      ),
    ]);
    expect(faults).to.have.length(6);
  });

  it('probe what the service answers, on the port of management', async () => {
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map(
      (name) => container[name].httpGet,
    );
    expect(probes.map(({ path }) => path)).to.deep.equal(['/health', '/health', '/ready']);
    for (const { path, port } of probes) {
      expect(port).to.equal('management');
      await running.service.management.get(path).expect(200);
    }
    const monitor = contentOf('components/monitoring/service-monitor.yaml', 'ServiceMonitor').spec;
    await running.service.management.get(monitor.endpoints[0].path).expect(200);
  });

  it('name the ports that the service listens on', () => {
    const { http } = settingsWith();
    expect(container.ports).to.deep.equal([
      { name: 'http', containerPort: http.apiPort },
      { name: 'management', containerPort: http.managementPort },
    ]);
    const services = [0, 1].map((index) => contentOf('base/service.yaml', 'Service', index));
    expect(services.map(({ spec }) => spec.ports[0].targetPort)).to.deep.equal([
      'http',
      'management',
    ]);
    const policy = contentOf('base/network-policy.yaml', 'NetworkPolicy').spec;
    const ports = policy.ingress.map((rule: { ports: { port: string }[] }) => rule.ports[0]?.port);
    expect(ports).to.deep.equal(['http', 'management']);
    const monitor = contentOf('components/monitoring/service-monitor.yaml', 'ServiceMonitor').spec;
    expect(services[1].spec.ports[0].name).to.equal(monitor.endpoints[0].port);
    expect(services[1].metadata.labels).to.deep.equal(monitor.selector.matchLabels);
  });

  it('select the pods, wherever they select', () => {
    const { labels } = pod.metadata;
    expect(contentOf('base/deployment.yaml', 'Deployment').spec.selector.matchLabels).to.deep.equal(
      labels,
    );
    for (const index of [0, 1]) {
      expect(contentOf('base/service.yaml', 'Service', index).spec.selector).to.deep.equal(labels);
    }
    const policy = contentOf('base/network-policy.yaml', 'NetworkPolicy').spec;
    expect(policy.podSelector.matchLabels).to.deep.equal(labels);
    for (const store of ['sqlite', 'postgres', 'snowflake']) {
      const file = `overlays/${store}/disruption-budget.yaml`;
      const budget = contentOf(file, 'PodDisruptionBudget').spec;
      expect(budget.selector.matchLabels).to.deep.equal(labels);
    }
  });

  it('set nothing but settings that there are, to values that are taken', () => {
    const base = literalsOf('base');
    for (const store of ['sqlite', 'postgres', 'snowflake']) {
      const settings = { ...base, ...literalsOf(`overlays/${store}`) };
      expect(Object.keys(settings).filter((name) => !settingNames.includes(name))).to.deep.equal(
        [],
      );
      expect(settings).to.include({ STORE: store });
    }
    const sqlite = { ...base, ...literalsOf('overlays/sqlite') };
    // Whatever stood there as an example would let somebody's organisation in.
    expect(() => readSettings(sqlite)).to.throw(/:\n {2}ALLOWED_ORGANISATIONS must be set .*$/);
    const settings = readSettings({ ...sqlite, ALLOWED_ORGANISATIONS: 'acme' });
    expect(settings.auth.enabled).to.equal(true);
    // Kubelet and Prometheus come from other machines.
    expect(settings.http).to.include({ host: '0.0.0.0', managementHost: '0.0.0.0' });
  });

  it('give the service no more rights than it needs', () => {
    expect(pod.spec.securityContext).to.include({ runAsNonRoot: true });
    // Kubernetes sees that the image's user is none but root when it is a number, and platforms choose their own.
    expect(image?.user).to.match(/^[1-9]\d*:0$/);
    expect(pod.spec.securityContext).not.to.have.any.keys('runAsUser', 'runAsGroup');
    expect(pod.spec.securityContext.seccompProfile).to.deep.equal({ type: 'RuntimeDefault' });
    expect(pod.spec.automountServiceAccountToken).to.equal(false);
    expect(container.securityContext).to.deep.equal({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('let a platform choose the group of the volumes, with the component for OpenShift', () => {
    expect(pod.spec.securityContext).to.include({ fsGroup: 1000 });
    const { patches } = contentOf('components/openshift/kustomization.yaml', 'Component');
    expect(patches.map(({ patch }: { patch: string }) => parse(patch))).to.deep.equal([
      [{ op: 'remove', path: '/spec/template/spec/securityContext/fsGroup' }],
    ]);
  });

  it('lead from the ingress to the API, and not to management', () => {
    const { rules, tls } = contentOf('components/ingress/ingress.yaml', 'Ingress').spec;
    expect(rules.map(({ host }: { host: string }) => host)).to.deep.equal(tls[0].hosts);
    const [{ backend }] = rules[0].http.paths;
    const service = contentOf('base/service.yaml', 'Service');
    expect(backend.service).to.deep.equal({
      name: service.metadata.name,
      port: { name: service.spec.ports[0].name },
    });
  });

  it('have the rules and alerts of Prometheus, and the dashboard of Grafana', () => {
    const groups = ['recording.yml', 'alerts.yml'].flatMap(
      (name) =>
        parse(readFileSync(new URL(`../../ops/prometheus/${name}`, import.meta.url), 'utf8'))
          .groups,
    );
    const rule = contentOf('components/monitoring/prometheus-rule.yaml', 'PrometheusRule');
    expect(rule.spec.groups).to.deep.equal(groups);
    const { resources } = contentOf('components/monitoring/kustomization.yaml', 'Component');
    expect(resources).to.include('../../../grafana');
    const grafana = new URL('../../ops/grafana/', import.meta.url);
    const { configMapGenerator } = parse(
      readFileSync(new URL('kustomization.yaml', grafana), 'utf8'),
    );
    const [{ files }] = configMapGenerator;
    expect(files).to.deep.equal(
      readdirSync(new URL('dashboards', grafana)).map((name) => `dashboards/${name}`),
    );
  });

  it('wait until the service has ended by itself before they kill it', () => {
    const [, wait] = /setTimeout\(\(\) => \{\}, (\d+)\)/.exec(
      container.lifecycle.preStop.exec.command.join(' '),
    ) as string[];
    expect(pod.spec.terminationGracePeriodSeconds * 1000).to.be.greaterThan(Number(wait) + endMs);
  });

  it('never run two pods on one SQLite file, and put it on the volume of the image', () => {
    const { replicas, strategy, template } = contentOf(
      'overlays/sqlite/deployment.yaml',
      'Deployment',
    ).spec;
    expect({ replicas, strategy }).to.deep.equal({ replicas: 1, strategy: { type: 'Recreate' } });
    const claim = contentOf('overlays/sqlite/volume-claim.yaml', 'PersistentVolumeClaim');
    expect(claim.spec.accessModes).to.deep.equal(['ReadWriteOncePod']);
    const [mount] = template.spec.containers[0].volumeMounts;
    expect([mount.mountPath]).to.deep.equal(image?.volumes);
    expect(template.spec.volumes[0].persistentVolumeClaim.claimName).to.equal(claim.metadata.name);
    expect(literalsOf('overlays/sqlite')['SQLITE_PATH']).to.match(/^\/data\//);
  });

  it('take the way to PostgreSQL from a secret, with an authority that is where the URL says', () => {
    const folder = 'overlays/postgres';
    const { template, replicas } = contentOf(`${folder}/deployment.yaml`, 'Deployment').spec;
    const { env, volumeMounts } = template.spec.containers[0];
    const [{ secret }] = template.spec.volumes;
    const [{ name, valueFrom }] = env;
    expect(valueFrom.secretKeyRef.name).to.equal(secret.secretName);
    // As the comment has the secret made.
    const text = readFileSync(
      new URL(`../../ops/kubernetes/${folder}/kustomization.yaml`, import.meta.url),
      'utf8',
    ).replaceAll(/\n# */g, '');
    const [, made, url = ''] = /create secret generic (\S+) .*--from-literal=url='(\S+)'/.exec(
      text,
    ) as string[];
    expect(made).to.equal(secret.secretName);
    expect(new URL(url).searchParams.get('sslrootcert')).to.equal(
      `${volumeMounts[0].mountPath}/${secret.items[0].path}`,
    );
    const settings = {
      ...literalsOf('base'),
      ...literalsOf(folder),
      ALLOWED_ORGANISATIONS: 'acme',
    };
    expect(readSettings({ ...settings, [name]: url }).store).to.deep.include({ kind: 'postgres' });
    const budget = contentOf(`${folder}/disruption-budget.yaml`, 'PodDisruptionBudget').spec;
    expect(budget.minAvailable).to.be.lessThan(replicas);
    const policy = contentOf(`${folder}/network-policy.yaml`, 'NetworkPolicy').spec;
    expect(policy.podSelector.matchLabels).to.deep.equal(pod.metadata.labels);
    expect(policy.policyTypes).to.deep.equal(['Egress']);
  });

  it('spread pods that are one service over machines and zones, and update without a gap', () => {
    for (const store of ['postgres', 'snowflake']) {
      const file = `overlays/${store}/deployment.yaml`;
      const { replicas, strategy, template } = contentOf(file, 'Deployment').spec;
      expect({ replicas, strategy }, store).to.deep.equal({
        replicas: 3,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      });
      const spread = template.spec.topologySpreadConstraints;
      const over = spread.map(({ topologyKey }: { topologyKey: string }) => topologyKey);
      expect(over, store).to.deep.equal(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
      for (const { labelSelector, whenUnsatisfiable } of spread) {
        expect(labelSelector.matchLabels).to.deep.equal(pod.metadata.labels);
        // A cluster of one machine runs them all the same.
        expect(whenUnsatisfiable).to.equal('ScheduleAnyway');
      }
    }
  });

  it('find the key of Snowflake where the settings say it is', () => {
    const { template, replicas } = contentOf(
      'overlays/snowflake/deployment.yaml',
      'Deployment',
    ).spec;
    const [mount] = template.spec.containers[0].volumeMounts;
    expect(literalsOf('overlays/snowflake')['SNOWFLAKE_PRIVATE_KEY_PATH']).to.equal(
      `${mount.mountPath}/snowflake.p8`,
    );
    const budget = contentOf(
      'overlays/snowflake/disruption-budget.yaml',
      'PodDisruptionBudget',
    ).spec;
    expect(budget.minAvailable).to.be.lessThan(replicas);
  });
});

/** The settings that the ConfigMap of a kustomization holds. */
function literalsOf(folder: string): Record<string, string> {
  const [generator] = contentOf(`${folder}/kustomization.yaml`, 'Kustomization').configMapGenerator;
  return Object.fromEntries(
    generator.literals.map((literal: string) => literal.split(/=(.*)/s).slice(0, 2)),
  );
}
