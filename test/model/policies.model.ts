import { expect } from 'chai';
import fc from 'fast-check';
import type { Response } from 'supertest';
import { authenticateAll, send } from '../support/authenticated-service.js';
import type { Sender } from '../support/authenticated-service.js';
import { bodyOf, callers, expectAct, ModelPolicies, places, steps } from './policies.js';
import type { Step } from './policies.js';
import { runsOf } from './runs.js';

describe('policies, beside a model of the design', function () {
  this.timeout(1_200_000);
  const running = authenticateAll();
  const tally = new Map<string, number>();
  let organisations = 0;

  function sendersOf(organisation: string): Map<string, Sender> {
    const { issuer, gitHub } = running.now;
    return new Map(
      Object.entries(callers).map(([by, { job, person }]) => {
        if (person !== undefined) {
          const { login, owner } = person;
          const token = gitHub.addUser({
            login,
            memberships: { [organisation]: 'active' },
            roles: { [organisation]: owner ? 'admin' : 'member' },
          });
          return [by, { token, organisation }];
        }
        const { repository, id, ref, environment, event } = job ?? {};
        const token = issuer.sign({
          repository_owner: organisation,
          repository,
          repository_id: id,
          ref,
          environment,
          event_name: event,
        });
        return [by, { token }];
      }),
    );
  }

  it('decides for two repositories, two people and an owner as designed', async () => {
    const property = fc.asyncProperty(steps, async (sequence) => {
      const senders = sendersOf(`org${(organisations += 1)}`);
      const sendAs = (
        method: 'get' | 'put' | 'post' | 'patch' | 'delete',
        path: string,
        body?: object,
        by = 'olga',
      ): PromiseLike<Response> => {
        const sender = senders.get(by);
        if (sender === undefined) throw new Error(`Nobody is ${by}`);
        const request = send(running.now.service, sender, method, path);
        return body === undefined ? request : request.send(body);
      };
      const create = (place: object, by?: string) =>
        sendAs('post', '/v1/deployments', { ...place, ...rest }, by);
      const ids: string[] = [];
      for (const place of places) {
        const { status, body } = await create(place);
        expect(status).to.equal(201);
        ids.push(String(body.id));
      }
      const policies = new ModelPolicies();

      const perform = async (step: Step): Promise<Response> => {
        if (step.kind === 'put') {
          return sendAs('put', `/v1/policies/${step.name}`, bodyOf(step.policy), step.by);
        }
        if (step.kind === 'delete') {
          return sendAs('delete', `/v1/policies/${step.name}`, undefined, step.by);
        }
        const place = places[step.place] ?? {};
        const path = `/v1/deployments/${ids[step.place] ?? ''}`;
        switch (step.action) {
          case 'register':
            return create(place, step.by);
          case 'rollback':
            return sendAs('post', `${path}/rollback`, undefined, step.by);
          default:
            return sendAs('patch', path, { status: moves[step.action] }, step.by);
        }
      };

      for (const step of sequence) {
        const before = await sendAs('get', '/v1/deployments?limit=1000');
        const response = await perform(step);
        const { status } = response;
        const key = `${step.kind} ${status}`;
        tally.set(key, (tally.get(key) ?? 0) + 1);
        if (step.kind === 'act') {
          expectAct(policies, step, response);
          if (status === 403) {
            const { text } = await sendAs('get', '/v1/deployments?limit=1000');
            expect(text).to.equal(before.text);
          }
        } else if (!policies.mayConfigure(callers[step.by] ?? {})) {
          expect(status).to.equal(403);
        } else if (step.kind === 'delete') {
          expect(status).to.equal(policies.has(step.name) ? 204 : 404);
          if (status === 204) policies.delete(step.name);
        } else {
          expect(status, response.text).to.equal(policies.has(step.name) ? 200 : 201);
          const changed = policies.put(step.name, step.policy);
          if (changed) expect(response.body.revision).to.equal(policies.changes);
        }
      }

      const listed = await sendAs('get', '/v1/policies');
      const names = (listed.body as { name: string }[]).map(({ name }) => name);
      expect(names).to.deep.equal(policies.names());
      let events = 0;
      for (const name of ['a', 'b', 'c']) {
        const { status, body } = await sendAs('get', `/v1/policies/${name}/events`);
        if (status === 200) events += (body as unknown[]).length;
      }
      expect(events).to.equal(policies.changes);
    });
    await fc.assert(property, runsOf(200));
  });

  it('has shown each kind of response on the way', function () {
    if (process.env['FC_RUNS'] !== undefined || process.env['FC_PATH'] !== undefined) this.skip();
    expect([...tally.keys()]).to.include.members([
      ...['put 200', 'put 201', 'put 403', 'delete 204', 'delete 403', 'delete 404'],
      ...['act 200', 'act 201', 'act 403', 'act 409'],
    ]);
  });
});

const rest = { provider: 'gcp', version: '1', type: 'k8s' };
const moves = { start: 'in_progress', report: 'failed', cancel: 'cancelled' } as const;
