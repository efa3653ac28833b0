import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { ask, tallyOutcomes } from '../support/connections.js';
import type { Outcome } from '../support/connections.js';
import { logLines, Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { environment } from './support/environment.js';

const callers = 40;
const rounds = 5;

/** A registration, and who sent it. */
interface Sent {
  readonly caller: number;
  readonly version: string;
}

describe('SIGTERM under load', () => {
  let processes: Processes;
  beforeEach(async () => {
    processes = await Processes.create();
  });
  afterEach(() => processes.dispose());

  /** Each caller has an organisation of its own, which may send as much as it gets done. */
  const organisationOf = (caller: number): string => `caller-${caller}`;

  function create(
    { apiUrl }: ServiceProcess,
    { caller, version }: Sent,
    agent: Agent,
  ): Promise<Outcome> {
    return ask(`${apiUrl}/v1/deployments`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': version,
        'X-Organisation': organisationOf(caller),
      },
      body: JSON.stringify(deploymentBody({ version })),
      agent,
    });
  }

  it('answers every request that it took, and loses none', async function () {
    this.timeout(180_000);
    const sent: Sent[] = [];
    const outcomes: Outcome[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const service = await processes.start({ ...environment, OVERLOAD_LAG_MS: '0' });
      const agent = new Agent({ keepAlive: true, maxSockets: callers });
      const failed: Sent[] = [];
      const work = Array.from({ length: callers }, async (_none, caller) => {
        for (let count = 0; ; count += 1) {
          const one = { caller, version: `${round}-${caller}-${count}` };
          sent.push(one);
          const outcome = await create(service, one, agent);
          outcomes.push(outcome);
          if ('status' in outcome && outcome.status === 201) continue;
          failed.push(one);
          return;
        }
      });
      await sleep(500 + Math.random() * 500);
      service.signal('SIGTERM');
      await Promise.all(work);
      const { code, stdout } = await service.ended;
      agent.destroy();
      expect(code).to.equal(0);
      expect(logLines(stdout).find(({ msg }) => msg === 'stopped')).to.include({ finished: true });

      // Whoever got no answer repeats: had it been carried out, it would be said so.
      const next = await processes.start(environment);
      for (const one of failed) {
        const again = await create(next, one, new Agent());
        expect(again).to.include({ status: 201 });
        if ('headers' in again) expect(again.headers).not.to.have.property('idempotent-replayed');
      }
      let stored = 0;
      for (let caller = 0; caller < callers; caller += 1) {
        stored += await countOf(next, organisationOf(caller));
      }
      expect(stored).to.equal(sent.length);
      next.signal('SIGTERM');
      await next.ended;
    }
    const seen = tallyOutcomes(outcomes);
    console.log(`      ${rounds} stops: ${JSON.stringify(seen)}; stored once each: ${sent.length}`);
    expect(Object.keys(seen)).to.include('201');
    for (const what of Object.keys(seen)) {
      expect(what).to.be.oneOf(['201', 'ECONNREFUSED', 'ECONNRESET']);
    }
  });
});

/** How many deployments there are, page by page. */
async function countOf({ apiUrl }: ServiceProcess, organisation: string): Promise<number> {
  let path = '/v1/deployments?limit=1000';
  for (let count = 0; ;) {
    const page = await ask(`${apiUrl}${path}`, { headers: { 'X-Organisation': organisation } });
    if ('error' in page) throw new Error(page.error);
    count += (JSON.parse(page.body) as unknown[]).length;
    const [, next] = /<([^>]+)>/.exec(String(page.headers['link'])) ?? [];
    if (next === undefined) return count;
    path = next;
  }
}
