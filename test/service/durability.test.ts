import { expect } from 'chai';
import supertest from 'supertest';
import type { Response, Test } from 'supertest';
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

/**
 * Sends a request again while it gets 503, which changes nothing: on a machine that is busy enough, the
 * other process has the file for longer than the service waits.
 */
async function answered(send: () => Test): Promise<Response> {
  let response = await send();
  while (response.status === 503) response = await send();
  return response;
}

describe('what was answered', () => {
  it('is there after a restart', async () => {
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

  it('is answered again under its key, and has its entity tag, after kill -9', async () => {
    const processes = await Processes.create();
    try {
      const create = (service: ServiceProcess, version = '1') =>
        supertest(service.apiUrl)
          .post('/v1/deployments')
          .set('Idempotency-Key', 'k')
          .send(deploymentBody({ version }));
      const first = await processes.start(environment);
      const created = await create(first).expect(201);
      const path = `/v1/deployments/${created.body.id as string}`;
      const change = (service: ServiceProcess, etag: string | undefined) =>
        supertest(service.apiUrl)
          .patch(path)
          .set('If-Match', etag ?? '')
          .send({ status: 'in_progress' });
      first.signal('SIGKILL');
      await first.ended;

      const second = await processes.start(environment);
      const again = await create(second).expect(201);
      expect(again.headers['idempotent-replayed']).to.equal('true');
      expect(again.text).to.equal(created.text);
      expect(again.headers['etag']).to.equal(created.headers['etag']);
      expect((await create(second, '2')).status).to.equal(422);
      const changed = await change(second, created.headers['etag']).expect(200);
      second.signal('SIGKILL');
      await second.ended;

      const third = await processes.start(environment);
      await change(third, created.headers['etag']).expect(412);
      await change(third, changed.headers['etag']).expect(200);
      expect(await list(third)).to.deep.equal([changed.body]);
    } finally {
      await processes.dispose();
    }
  });

  it('is one deployment for two processes on one file that are asked at once', async () => {
    const processes = await Processes.create();
    try {
      const services = [await processes.start(environment), await processes.start(environment)];
      for (const key of ['1', '2', '3', '4', '5']) {
        const answers = await Promise.all(
          services.map(({ apiUrl }) =>
            answered(() =>
              supertest(apiUrl)
                .post('/v1/deployments')
                .set('Idempotency-Key', key)
                .send(deploymentBody({ version: key })),
            ),
          ),
        );
        expect(answers.map(({ status }) => status)).to.deep.equal([201, 201]);
        expect(new Set(answers.map(({ text }) => text))).to.have.property('size', 1);
        const [created] = answers;
        const changes = await Promise.all(
          services.map(({ apiUrl }) =>
            answered(() =>
              supertest(apiUrl)
                .patch(`/v1/deployments/${created?.body.id as string}`)
                .set('If-Match', created?.headers['etag'] ?? '')
                .send({ notes: apiUrl }),
            ),
          ),
        );
        expect(changes.map(({ status }) => status).toSorted()).to.deep.equal([200, 412]);
      }
    } finally {
      await processes.dispose();
    }
  });

  it('is there after kill -9 right behind the answer, ten times', async function () {
    this.timeout(180_000);

    /** Five rounds on one file; each first looks for what those before were answered. */
    async function fiveRounds(): Promise<void> {
      const processes = await Processes.create();
      try {
        const registered: unknown[] = [];
        for (let round = 1; round <= 5; round += 1) {
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
    await Promise.all([fiveRounds(), fiveRounds()]);
  });
});
