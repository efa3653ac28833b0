import { rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { needPrograms } from './support/programs.js';
import { startPrometheus } from './support/prometheus.js';
import type { ActiveAlert, Prometheus } from './support/prometheus.js';

const storeGone = 'DeploymentQueueStoreOutOfReach';
const serviceGone = 'DeploymentQueueDown';

describe('a Prometheus that watches the running service', () => {
  needPrograms('prometheus');
  const cleanups: (() => Promise<void>)[] = [];
  let processes: Processes;
  let service: ServiceProcess;
  let prometheus: Prometheus;

  before(async () => {
    processes = await Processes.create();
    cleanups.push(() => processes.dispose());
    service = await processes.start({ AUTH_ENABLED: 'false', METRICS_QUEUE_DEPTH_SECONDS: '1' });
    prometheus = await startPrometheus(new URL(service.managementUrl).host, [
      storeGone,
      serviceGone,
    ]);
    cleanups.push(() => prometheus.stop());
  });
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  /** Waits until something holds: Prometheus looks once a second. */
  async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const timeout = performance.now() + 60_000;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (performance.now() > timeout) throw new Error(`It did not come to ${what}`);
      await sleep(200);
    }
  }

  const valueIs = (expression: string, wanted: number) =>
    until(`${expression} = ${wanted}`, async () => {
      const [result] = await prometheus.query(expression);
      return result !== undefined && Number(result.value[1]) === wanted ? result : undefined;
    });

  const firing = async () => (await prometheus.alerts()).filter(({ state }) => state === 'firing');
  const alertOf = async (name: string): Promise<ActiveAlert | undefined> =>
    (await firing()).find(({ labels }) => labels['alertname'] === name);
  const fires = (name: string) => until(`alert ${name}`, () => alertOf(name));
  const clears = (name: string) =>
    until(`the end of ${name}`, async () => ((await alertOf(name)) ? undefined : true));

  async function create(fields: Parameters<typeof deploymentBody>[0] = {}): Promise<string> {
    const response = await fetch(`${service.apiUrl}/v1/deployments`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Organisation': 'acme' },
      body: JSON.stringify(deploymentBody(fields)),
    });
    expect(response.status).to.equal(201);
    return ((await response.json()) as { id: string }).id;
  }

  it('reads its metrics, without a word of complaint', async () => {
    await valueIs('up{job="deployment-queue-api"}', 1);
    expect(await prometheus.targets()).to.have.length(1);
    expect((await prometheus.targets())[0]).to.include({ health: 'up', lastError: '' });
    await valueIs('db_up', 1);
  });

  it('answers with the deployments that were just created', async () => {
    for (let count = 0; count < 7; count += 1) await create({ version: `1.${count}` });
    const id = await create({ environment: 'staging', provider: 'aws' });
    const moved = await fetch(`${service.apiUrl}/v1/deployments/${id}`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json', 'X-Organisation': 'acme' },
      body: JSON.stringify({ status: 'in_progress' }),
    });
    expect(moved.status).to.equal(200);

    const { metric } = await valueIs('deployments_created_total{environment="production"}', 7);
    expect(metric).to.include({ organisation: 'acme', provider: 'gcp', trigger: 'auto' });
    await valueIs('deployments_created_total{environment="staging", provider="aws"}', 1);
    const depth = 'job_environment_status:deployment_queue_depth:max';
    await valueIs(`${depth}{environment="production", status="scheduled"}`, 7);
    await valueIs(`${depth}{environment="staging", status="in_progress"}`, 1);
    await valueIs(`${depth}{environment="staging", status="scheduled"}`, 0);
  });

  it('has loaded every rule, and can evaluate it', async () => {
    const rules = await until('the evaluation of all rules', async () => {
      const loaded = await prometheus.rules();
      return loaded.every(({ health }) => health !== 'unknown') ? loaded : undefined;
    });
    expect(rules).to.have.length.greaterThan(30);
    for (const { name, health, lastError } of rules)
      expect(health, lastError ?? name).to.equal('ok');
  });

  it('raises an alert when the store is taken away, and ends it when the store is back', async () => {
    expect(await firing()).to.deep.equal([]);
    const away = `${processes.database}.away`;
    await rename(processes.database, away);
    const alert = await fires(storeGone);
    expect(alert.labels['severity']).to.equal('critical');
    expect(alert.annotations['runbook_url']).to.match(
      /^https:.*\/docs\/ALERTS\.md#deploymentqueuestoreoutofreach$/,
    );
    expect((await fetch(`${service.managementUrl}/ready`)).status).to.equal(503);

    await rename(away, processes.database);
    await clears(storeGone);
    await create();
    await valueIs('deployments_created_total{environment="production"}', 8);
    expect(await firing()).to.deep.equal([]);
  });

  it('raises an alert when the service is gone', async () => {
    service.signal('SIGKILL');
    await service.ended;
    const alert = await fires(serviceGone);
    expect(alert.labels).to.include({ severity: 'critical', job: 'deployment-queue-api' });
  });
});
