import { createMetrics } from '../../src/metrics/metrics.js';
import { startAuthenticatedService, send } from './authenticated-service.js';
import { deploymentBody } from './deployments.js';
import { parseExposition, scrape } from './exposition.js';
import type { Sample } from './exposition.js';
import { storedDeployment } from './stored.js';

/** The names of metrics that can be asked for, with the labels of each. */
export type KnownMetrics = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * What a service shows once it has been used: by callers of all kinds, and with a store that has a
 * pool, which SQLite has not.
 */
export async function metricsInUse(): Promise<KnownMetrics> {
  const known = new Map<string, Set<string>>();
  for (const { name, labels } of [...(await used()), ...(await pooled())]) {
    const labelled = known.get(name) ?? new Set();
    for (const label of Object.keys(labels)) labelled.add(label);
    known.set(name, labelled);
  }
  return known;
}

async function used(): Promise<Sample[]> {
  const running = await startAuthenticatedService();
  const { service, issuer, gitHub } = running;
  try {
    const token = issuer.sign();
    const call = (method: 'get' | 'post' | 'patch', path: string) =>
      send(service, { token }, method, path);
    const ids: string[] = [];
    for (const version of ['1', '2', '3']) {
      const created = await call('post', '/v1/deployments').send(deploymentBody({ version }));
      ids.push(String(created.body.id));
    }
    for (const id of ids.slice(1)) {
      await call('patch', `/v1/deployments/${id}`).send({ status: 'deployed' }).expect(200);
    }
    await call('post', `/v1/deployments/${ids[2] ?? ''}/rollback`).expect(201);
    const person = gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
    await send(service, { token: person, organisation: 'acme' }).expect(200);
    await send(service, { token: 'nobody', organisation: 'acme' }).expect(401);
    return await scrape(service);
  } finally {
    await running.stop();
  }
}

async function pooled(): Promise<Sample[]> {
  const metrics = createMetrics('1.2.3');
  metrics.poolOpened(() => ({ size: 8, idle: 1, lent: 2, opening: 0, waiting: 0 }));
  metrics.poolWaited(0, 'served');
  metrics.requestRefused('overloaded');
  metrics.deploymentsRemoved('acme', 1);
  metrics.claimGranted(storedDeployment(1).deployment, 0);
  metrics.gateChanged('acme', 'lock.created');
  metrics.startBlocked(storedDeployment(1).deployment, ['lock']);
  metrics.gatesOverridden(storedDeployment(1).deployment);
  metrics.decided(storedDeployment(1).deployment, 'approved');
  metrics.leasesExpired('acme', 1);
  collectGarbage();
  const samples = parseExposition(await metrics.render());
  metrics.stop();
  return samples;
}

/** Makes so much garbage that it is collected, which Node then tells of. */
function collectGarbage(): void {
  let kept: number[][] = [];
  for (let index = 0; index < 2_000; index += 1) {
    kept.push(Array<number>(1_000).fill(index));
    if (kept.length > 100) kept = [];
  }
}
