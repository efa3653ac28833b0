import { expect } from 'chai';
import type { Response } from 'supertest';
import { authenticateAll, send } from '../support/authenticated-service.js';
import type { Method } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem } from '../support/http.js';

const unknown = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
const rollbackOf = (name: string, environment = 'production') =>
  `/v1/deployments/rollback?name=${name}&environment=${environment}&provider=gcp`;

/** The ids of two versions that were deployed, the older one first. */
interface Released {
  readonly name: string;
  readonly older: string;
  readonly newer: string;
}

for (const bound of [true, false]) {
  describe(`the environment in the token, while it ${bound ? 'counts' : 'does not count'},`, () => {
    const running = authenticateAll({ OIDC_ALLOWED_ENVIRONMENTS_CLAIM: String(bound) });
    let names = 0;

    const job = (environment?: unknown, repository_owner = 'acme') => ({
      token: running.now.issuer.sign({ environment, repository_owner }),
    });
    const person = () => ({
      token: running.now.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } }),
      organisation: 'acme',
    });
    const call = (
      sender: ReturnType<typeof job>,
      method: Method,
      path: string,
      body?: object,
    ): PromiseLike<Response> => {
      const request = send(running.now.service, sender, method, path);
      return body === undefined ? request : request.send(body);
    };

    /** Two versions in production, both deployed by a job that may. */
    async function release(): Promise<Released> {
      const name = `name-${(names += 1)}`;
      const ids: string[] = [];
      for (const version of ['1', '2']) {
        const body = deploymentBody({ name, version });
        const created = await call(job('production'), 'post', '/v1/deployments', body);
        expect(created.status).to.equal(201);
        const id = String(created.body.id);
        const patched = await call(job('production'), 'patch', `/v1/deployments/${id}`, {
          status: 'deployed',
        });
        expect(patched.status).to.equal(200);
        ids.push(id);
      }
      const [older = '', newer = ''] = ids;
      return { name, older, newer };
    }

    /** All that can be read of a name: deployments, events and lineage. */
    async function readAll({ name, older, newer }: Released): Promise<unknown[]> {
      const paths = [
        `/v1/deployments?name=${name}`,
        ...[older, newer].flatMap((id) => [
          `/v1/deployments/${id}`,
          `/v1/deployments/${id}/events`,
          `/v1/deployments/${id}/lineage`,
        ]),
      ];
      const answers: unknown[] = [];
      for (const path of paths) {
        const { status, body } = await call(job(), 'get', path);
        expect(status).to.equal(200);
        answers.push(body);
      }
      return answers;
    }

    const changes: [
      what: string,
      change: (released: Released) => [method: Method, path: string, body?: object],
      status: number,
    ][] = [
      [
        'createDeployment',
        ({ name }) => ['post', '/v1/deployments', deploymentBody({ name, version: '3' })],
        201,
      ],
      [
        'updateDeployment of the status',
        ({ newer }) => ['patch', `/v1/deployments/${newer}`, { status: 'failed' }],
        200,
      ],
      [
        'updateDeployment of the notes',
        ({ newer }) => ['patch', `/v1/deployments/${newer}`, { notes: 'mine' }],
        200,
      ],
      ['rollbackTaxonomy', ({ name }) => ['post', rollbackOf(name)], 201],
      ['rollbackDeployment', ({ newer }) => ['post', `/v1/deployments/${newer}/rollback`], 201],
      [
        'rollbackDeployment to a version',
        ({ newer }) => ['post', `/v1/deployments/${newer}/rollback?target_version=1`],
        201,
      ],
    ];
    const others: [environment: unknown, why: string][] = [
      ['staging', 'the job is bound to the environment staging'],
      ['Staging', 'the job is bound to the environment staging'],
      ['production ', 'the job is bound to the environment production '],
      [undefined, 'the job names no environment'],
      ['', 'the job names no environment'],
      [null, 'the job names no environment'],
      [['production'], 'the job names no environment'],
    ];
    for (const [what, change, status] of changes) {
      for (const environment of ['production', 'Production', 'PRODUCTION']) {
        it(`lets a job of the same environment, ${environment}, do ${what}`, async () => {
          const released = await release();
          expect((await call(job(environment), ...change(released))).status).to.equal(status);
        });
      }

      it(`lets a person do ${what}`, async () => {
        const released = await release();
        expect((await call(person(), ...change(released))).status).to.equal(status);
      });

      if (!bound) {
        it(`lets a job of another environment, and of none, do ${what}`, async () => {
          for (const environment of ['staging', undefined]) {
            const released = await release();
            expect((await call(job(environment), ...change(released))).status).to.equal(status);
          }
        });
        continue;
      }

      it(`keeps a job of another environment, and of none, from ${what}`, async () => {
        const released = await release();
        const before = await readAll(released);
        for (const [environment, why] of others) {
          const detail = `Deployments to production cannot be changed: ${why}`;
          const refused = await call(job(environment), ...change(released));
          expectProblem(refused, 403, 'forbidden', detail);
        }
        expect(await readAll(released)).to.deep.equal(before);
      });
    }

    it('keeps nobody from reading', async () => {
      const released = await release();
      expect(await readAll(released)).to.have.length(7);
    });

    it("tells nothing of another organisation's ids, nor of unknown ones", async () => {
      const { newer } = await release();
      for (const environment of ['production', 'staging', undefined]) {
        for (const id of [newer, unknown]) {
          const stranger = job(environment, 'globex');
          const path = `/v1/deployments/${id}`;
          const detail = `No deployment with id ${id}`;
          const patched = await call(stranger, 'patch', path, { status: 'failed' });
          expectProblem(patched, 404, 'deployment-not-found', detail);
          const rolledBack = await call(stranger, 'post', `${path}/rollback`);
          expectProblem(rolledBack, 404, 'deployment-not-found', detail);
        }
      }
    });

    if (!bound) return;

    it('keeps a job from what it would learn in other ways: 403 comes before 404 and 409', async () => {
      const { name, newer } = await release();
      const staging = job('staging');
      const forbidden = /^Deployments to production cannot be changed/;
      const nothing = await call(staging, 'post', rollbackOf('nothing-of-that-name'));
      expectProblem(nothing, 403, 'forbidden', forbidden);
      const version = await call(staging, 'post', `${rollbackOf(name)}&target_version=9`);
      expectProblem(version, 403, 'forbidden', forbidden);
      const move = await call(staging, 'patch', `/v1/deployments/${newer}`, {
        status: 'scheduled',
      });
      expectProblem(move, 403, 'forbidden', forbidden);
    });

    it("keeps a job from having another's change answered under its Idempotency-Key", async () => {
      const { name, newer } = await release();
      const repeated: [path: string, body?: object][] = [
        ['/v1/deployments', deploymentBody({ name, version: '4' })],
        [rollbackOf(name)],
        [`/v1/deployments/${newer}/rollback`],
      ];
      for (const [path, body] of repeated) {
        const repeat = (environment: string) =>
          send(running.now.service, job(environment), 'post', path)
            .set('Idempotency-Key', `${name} ${path}`.replaceAll(' ', ''))
            .send(body);
        const first = await repeat('production');
        expect(first.status).to.equal(201);
        expectProblem(await repeat('staging'), 403, 'forbidden');
        // Out of the way of the next rollback.
        const moved = { status: 'skipped' };
        await call(job('production'), 'patch', `/v1/deployments/${String(first.body.id)}`, moved);
      }
    });
  });
}
