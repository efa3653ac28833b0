import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { faultsOf } from '../ops/support/manifests.js';
import { context } from './support/build.js';
import { findTool } from './support/tool.js';

const hadolint = findTool('hadolint');
(hadolint === undefined ? describe.skip : describe)('hadolint', () => {
  const lint = (input?: string) =>
    spawnSync(hadolint ?? '', [input === undefined ? join(context, 'Dockerfile') : '-'], {
      encoding: 'utf8',
      ...(input !== undefined && { input }),
    });

  it('has nothing to say of the Dockerfile', () => {
    const { status, stdout, stderr } = lint();
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '', stderr: '' });
  });

  it('would have something to say', () => {
    const { status, stdout } = lint('FROM node\nRUN cd /tmp && sudo ls\nCMD node main.js\n');
    expect(status).to.equal(1);
    expect(stdout).to.include('DL3006').and.include('DL3025');
  });
});

const kustomize = findTool('kustomize', 'version');
(kustomize === undefined ? describe.skip : describe)('kustomize', () => {
  /** Puts an overlay together with components, as somebody's own overlay does. */
  function build(overlay: string, components: readonly string[] = ['monitoring', 'ingress']) {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'deployment-queue-overlay-')));
    const path = (name: string) => relative(folder, join(context, 'ops/kubernetes', name));
    try {
      writeFileSync(
        join(folder, 'kustomization.yaml'),
        JSON.stringify({
          apiVersion: 'kustomize.config.k8s.io/v1beta1',
          kind: 'Kustomization',
          resources: [path(`overlays/${overlay}`)],
          components: components.map((name) => path(`components/${name}`)),
        }),
      );
      const { status, stdout, stderr } = spawnSync(kustomize ?? '', ['build', folder], {
        encoding: 'utf8',
      });
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
      return parseAllDocuments(stdout, { version: '1.1' }).map((document) => document.toJS());
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  for (const overlay of ['sqlite', 'postgres', 'snowflake']) {
    it(`puts the overlay ${overlay} together to manifests without a fault`, () => {
      const documents = build(overlay);
      const manifests = documents.map((content) => {
        const { kind, metadata } = content;
        return { file: `${kind} ${metadata.name}`, kind, content, isPatch: false };
      });
      expect(manifests.map(({ kind }) => kind)).to.include.members([
        ...['ConfigMap', 'Deployment', 'NetworkPolicy', 'PodDisruptionBudget'],
        ...['Service', 'ServiceAccount', 'ServiceMonitor', 'PrometheusRule', 'Ingress'],
      ]);
      expect(faultsOf(manifests)).to.deep.equal([]);
    });

    it(`gives the pods of the overlay ${overlay} its settings, and what selects them`, () => {
      const documents = build(overlay);
      const one = (kind: string) => documents.find((document) => document.kind === kind);
      const { spec } = one('Deployment');
      const [container] = spec.template.spec.containers;
      const settings = one('ConfigMap');
      expect(settings.data).to.include({ STORE: overlay, LOG_LEVEL: 'info' });
      expect(container.envFrom).to.deep.equal([{ configMapRef: { name: settings.metadata.name } }]);
      // Hardened and probed as the base says, though an overlay adds to the container.
      expect(container.securityContext.readOnlyRootFilesystem).to.equal(true);
      expect(container.readinessProbe.httpGet.path).to.equal('/ready');
      expect(container.image).to.match(/^[\w.]+\/deployment-queue-api:\d+\.\d+\.\d+$/);
      expect(spec.template.metadata.labels).to.include(spec.selector.matchLabels);
      // By which the sidecar of Grafana's chart finds the dashboard.
      const dashboards = documents.filter(
        ({ metadata }) => metadata.labels?.grafana_dashboard === '1',
      );
      expect(dashboards.map(({ data }) => Object.keys(data))).to.deep.equal([
        ['deployment-queue.json'],
      ]);
      // The name of the job, by which the alerts know the service.
      const monitor = one('ServiceMonitor').spec;
      const monitored = documents.filter(
        ({ kind, metadata }) =>
          kind === 'Service' && metadata.labels['app.kubernetes.io/component'] === 'management',
      );
      expect(monitored.map(({ metadata }) => metadata.labels[monitor.jobLabel])).to.deep.equal([
        'deployment-queue-api',
      ]);
    });
  }

  it('asks for nothing of Prometheus Operator without its component', () => {
    const kinds = build('sqlite', []).map(({ kind }) => kind);
    expect(kinds).not.to.include.oneOf(['ServiceMonitor', 'PrometheusRule', 'Ingress']);
    expect(kinds).to.include('Deployment');
  });

  it('leaves user and group to OpenShift with its component', () => {
    const [{ spec }] = build('sqlite', ['openshift']).filter(({ kind }) => kind === 'Deployment');
    expect(spec.template.spec.securityContext).to.include({ runAsNonRoot: true });
    expect(spec.template.spec.securityContext).not.to.have.any.keys(
      ...['runAsUser', 'runAsGroup', 'fsGroup'],
    );
  });
});
