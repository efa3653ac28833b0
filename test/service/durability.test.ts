import { expect } from 'chai';
import supertest from 'supertest';
import { deploymentBody } from '../support/deployments.js';
import { Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';

const environment = { AUTH_ENABLED: 'false' };

async function register(service: ServiceProcess, version: string): Promise<unknown> {
  const response = await supertest(service.apiUrl)
    .post('/v1/deployments')
    .send(deploymentBody({ version }))
    .expect(201);
  return response.body;
}

async function list(service: ServiceProcess): Promise<unknown> {
  return (await supertest(service.apiUrl).get('/v1/deployments').expect(200)).body;
}

describe('what was answered', () => {
  it('is there after a restart', async function () {
    this.timeout(30_000);
    const processes = await Processes.create();
    try {
      const first = await processes.start(environment);
      const registered = [await register(first, '2'), await register(first, '1')].reverse();
      first.signal('SIGTERM');
      expect((await first.ended).code).to.equal(0);

      const second = await processes.start(environment);
      expect(await list(second)).to.deep.equal(registered);
    } finally {
      await processes.dispose();
    }
  });

  it('is there after kill -9 right behind the answer, twenty times', async function () {
    this.timeout(180_000);

    /** Ten rounds on one file; each first looks for what those before were answered. */
    async function tenRounds(): Promise<void> {
      const processes = await Processes.create();
      try {
        const registered: unknown[] = [];
        for (let round = 1; round <= 10; round += 1) {
          const service = await processes.start(environment);
          expect(await list(service)).to.deep.equal(registered);
          registered.unshift(await register(service, String(round)));
          service.signal('SIGKILL');
          expect((await service.ended).code).to.equal(null);
        }
        expect(await list(await processes.start(environment))).to.deep.equal(registered);
      } finally {
        await processes.dispose();
      }
    }

    // Two at once, since most of the time goes into starting.
    await Promise.all([tenRounds(), tenRounds()]);
  });
});
