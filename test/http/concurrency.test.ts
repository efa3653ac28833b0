import { expect } from 'chai';
import type { Deployment, DeploymentEvent } from '../../src/domain/deployments/deployment.js';
import { runService } from '../support/http.js';
import { lifeTable, statuses } from '../support/life-table.js';
import { Random } from '../support/random.js';

/** What the life table admits, and a registration, as `from>to`. */
const transitions = new Set([
  'null>scheduled',
  ...statuses.flatMap((from) =>
    statuses.filter((to) => lifeTable[from][to] === 'yes').map((to) => `${from}>${to}`),
  ),
]);

describe('fifty concurrent clients in one taxonomy', () => {
  const running = runService();

  it('leave a state that breaks no rule, and events that tell exactly what happened', async () => {
    const { service, tenant } = running;
    const send = (method: 'post' | 'patch', path: string) =>
      service.api[method](path).set('X-Organisation', tenant.organisation);
    // No decision is older than the request that it was made for.
    let longestMs = 0;

    const unexpected: string[] = [];
    const client = async (seed: number): Promise<void> => {
      const random = new Random(seed);
      const own: string[] = [];
      for (let step = 0; step < 8; step += 1) {
        const choice = random.next();
        const sentAt = performance.now();
        const response =
          choice < 0.45 || own.length === 0
            ? await send('post', '/v1/deployments').send({
                name: 'checkout',
                version: `${seed}.${step}`,
                environment: 'production',
                provider: 'gcp',
                type: 'k8s',
              })
            : choice < 0.85
              ? await send('patch', `/v1/deployments/${random.pick(own)}`).send({
                  status: random.pick([
                    'in_progress',
                    'deployed',
                    'deployed',
                    'failed',
                    'scheduled',
                    'cancelled',
                  ]),
                })
              : await send(
                  'post',
                  '/v1/deployments/rollback?name=checkout&environment=production&provider=gcp',
                );
        longestMs = Math.max(longestMs, performance.now() - sentAt);
        if (response.status === 201) own.push((response.body as Deployment).id);
        else if (![200, 404, 409].includes(response.status)) unexpected.push(response.text);
      }
    };
    await Promise.all(Array.from({ length: 50 }, (_, seed) => client(seed + 1)));
    expect(unexpected).to.deep.equal([]);
    const overlapMs = decidesFirst ? Math.ceil(longestMs) : 0;

    const deployments = await tenant.list({ limit: 1000 });
    const histories = new Map<string, DeploymentEvent[]>();
    for (const { id } of deployments) {
      const response = await service.api
        .get(`/v1/deployments/${id}/events`)
        .set('X-Organisation', tenant.organisation);
      histories.set(id, response.body as DeploymentEvent[]);
    }
    expect(deployments.length).to.be.greaterThan(100);

    for (const deployment of deployments) {
      const events = histories.get(deployment.id) ?? [];
      // The history is an unbroken chain of permitted moves that ends in the present status.
      let status: DeploymentEvent['from_status'] = null;
      expect(events.map(({ revision }) => revision)).to.deep.equal(events.map((_, nth) => nth + 1));
      for (const event of events) {
        expect(event.from_status).to.equal(status);
        expect(transitions.has(`${status ?? 'null'}>${event.to_status}`)).to.equal(true);
        status = event.to_status;
      }
      expect(status).to.equal(deployment.status);
      expect(events[0]).to.include({
        occurred_at: deployment.created_at,
        cause: deployment.trigger === 'rollback' ? 'rollback' : 'request',
        cause_deployment_id: deployment.rollback_from_deployment_id,
      });
    }

    // Whoever was skipped by itself was older than the one that did it, at the same instant.
    const byId = new Map(deployments.map((deployment) => [deployment.id, deployment]));
    let skips = 0;
    for (const [id, events] of histories) {
      for (const event of events.filter(({ cause }) => cause === 'auto_skip')) {
        skips += 1;
        expect(event).to.include({ from_status: 'scheduled', to_status: 'skipped' });
        const by = byId.get(event.cause_deployment_id ?? '');
        if (by === undefined) throw new Error(`${id} was skipped by nothing`);
        expect(id < by.id).to.equal(true);
        const deployed = (histories.get(by.id) ?? []).filter(
          ({ to_status: to, occurred_at: at }) => to === 'deployed' && at === event.occurred_at,
        );
        expect(deployed).to.have.length(1);
      }
    }
    expect(skips).to.be.greaterThan(0);

    // Nobody older was still waiting right after a deployment became deployed.
    for (const deployment of deployments) {
      for (const event of histories.get(deployment.id) ?? []) {
        if (event.to_status !== 'deployed') continue;
        const waiting = deployments.filter(
          (older) =>
            older.id < deployment.id &&
            statusAfter(histories.get(older.id) ?? [], event.occurred_at) === 'scheduled' &&
            !changedAt(histories.get(older.id) ?? [], event.occurred_at, overlapMs),
        );
        expect(waiting.map(({ id }) => id)).to.deep.equal([]);
      }
    }

    // None was registered while another one from the same deployment waited, and both links are those of this taxonomy.
    for (const rollback of deployments.filter(({ trigger }) => trigger === 'rollback')) {
      const from = byId.get(rollback.rollback_from_deployment_id ?? '');
      const source = byId.get(rollback.source_deployment_id ?? '');
      if (from === undefined || source === undefined) throw new Error('A link leads nowhere');
      expect(source.version).to.equal(rollback.version);
      // A rollback that was not deployed is tried again: both return to the same deployment.
      const isTriedAgain =
        source.id === from.source_deployment_id &&
        !wasDeployedBefore(histories.get(from.id) ?? [], rollback.created_at, overlapMs);
      if (!isTriedAgain) expect(source.version).not.to.equal(from.version);
      const waiting = deployments.filter(
        ({ id, rollback_from_deployment_id: replaced }) =>
          replaced === from.id &&
          id < rollback.id &&
          statusAfter(histories.get(id) ?? [], rollback.created_at) === 'scheduled' &&
          !changedAt(histories.get(id) ?? [], rollback.created_at, overlapMs),
      );
      expect(waiting.map(({ id }) => id)).to.deep.equal([]);
    }
  });
});

/** The status right after an instant. */
function statusAfter(events: readonly DeploymentEvent[], at: string): string | undefined {
  return events.filter(({ occurred_at: then }) => then <= at).at(-1)?.to_status;
}

/** Whether one had been deployed, by so much before an instant that the order is to be seen. */
function wasDeployedBefore(
  events: readonly DeploymentEvent[],
  at: string,
  overlapMs: number,
): boolean {
  return events.some(
    ({ to_status: to, occurred_at: then }) =>
      to === 'deployed' && Date.parse(then) + overlapMs < Date.parse(at),
  );
}

/**
 * Instants are those of decisions. A store that another process may share decides first and is asked
 * afterwards, so changes of two deployments whose requests overlap may take effect in the other order.
 */
const decidesFirst = process.env['TEST_STORE'] === 'snowflake';

/** Whether the status changed so near to an instant that the order is not to be seen. */
function changedAt(events: readonly DeploymentEvent[], at: string, overlapMs: number): boolean {
  return events.some(
    ({ occurred_at: then }) => Math.abs(Date.parse(then) - Date.parse(at)) <= overlapMs,
  );
}
