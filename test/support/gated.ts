import { expect } from 'chai';
import type { Response } from 'supertest';
import type { components } from '../../generated/openapi.js';
import { authenticateAll, send } from './authenticated-service.js';
import type { Method, Sender } from './authenticated-service.js';
import { deploymentBody } from './deployments.js';
import { until } from './until.js';

type Schemas = components['schemas'];
type Deployment = Schemas['Deployment'];
type GateEvent = Schemas['GateEvent'];

/** Those of an organisation: a job that octocat has started, olga, who is an owner, and mona, who is a member. */
export const [job, owner, mona] = ['job', 'owner', 'mona'] as const;

/** Who calls: one of those, or somebody else. */
export type By = typeof job | typeof owner | typeof mona | Sender;

/** How many organisations there have been: each test has one of its own. */
let organisations = 0;

/** Runs a service around the tests of a suite, each of which closes and opens gates in an organisation of its own. */
export function runGated() {
  const running = authenticateAll();
  let organisation = '';
  let senders: Readonly<Record<typeof job | typeof owner | typeof mona, Sender>>;

  beforeEach(() => {
    organisation = `gated${(organisations += 1)}`;
    const claims = { repository_owner: organisation, repository: `${organisation}/checkout` };
    senders = {
      job: { token: running.now.issuer.sign({ ...claims, actor: 'octocat' }) },
      owner: person('olga', 'admin'),
      mona: person('mona'),
    };
  });

  /** Somebody of the organisation. */
  const person = (login: string, role: 'admin' | 'member' = 'member'): Sender => ({
    token: running.now.gitHub.addUser({
      login,
      memberships: { [organisation]: 'active' },
      roles: { [organisation]: role },
    }),
    organisation,
  });

  const senderOf = (by: By): Sender => (typeof by === 'string' ? senders[by] : by);

  const call = (
    by: By,
    method: Method,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): PromiseLike<Response> => {
    const request = send(running.now.service, senderOf(by), method, `/v1${path}`).set(headers);
    return body === undefined ? request : request.send(body);
  };

  async function register(fields: object = {}): Promise<Deployment> {
    const response = await call('job', 'post', '/deployments', { ...deploymentBody(), ...fields });
    expect(response.status).to.equal(201);
    return response.body as Deployment;
  }

  async function created<Gate extends { id: string }>(path: string, body: object, by: By = 'mona') {
    const response = await call(by, 'post', path, body);
    expect(response.status, response.text).to.equal(201);
    expect(response.headers['location']).to.equal(`/v1${path}/${(response.body as Gate).id}`);
    return response.body as Gate;
  }

  const lock = (fields: object = {}, by: By = 'mona') =>
    created<Schemas['Lock']>('/locks', { scope: {}, reason: 'failing over', ...fields }, by);

  /** A freeze that is closed from a minute ago, on the clocks of UTC. @param forMs from now on */
  const freeze = (forMs: number, fields: object = {}) => {
    const wall = (ahead: number) => new Date(Date.now() + ahead).toISOString().slice(0, 19);
    const span = { time_zone: 'Etc/UTC', starts: wall(-60_000), ends: wall(forMs) };
    return created<Schemas['Freeze']>('/freezes', {
      scope: {},
      reason: 'holidays',
      ...span,
      ...fields,
    });
  };

  const claim = (id: string, body: object = {}, by: By = 'job') =>
    call(by, 'post', `/deployments/${id}/claim`, body);

  const patch = (id: string, body: object, by: By = 'job', headers = {}) =>
    call(by, 'patch', `/deployments/${id}`, body, headers);

  /** Claims, and waits until the claim waits. */
  async function waiting(id: string): Promise<{ response: Promise<Response> }> {
    const response = Promise.resolve(claim(id, { wait_seconds: 60 }));
    await until(`${id} is waited for`, async () => {
      const { body } = await call('job', 'get', `/deployments/${id}/queue`);
      return (body as Schemas['QueuePosition']).position !== null;
    });
    return { response };
  }

  const events = async (): Promise<GateEvent[]> =>
    (await call('job', 'get', '/gates/events')).body as GateEvent[];
  const lastEvent = async (id: string): Promise<Schemas['DeploymentEvent'] | undefined> =>
    (
      (await call('job', 'get', `/deployments/${id}/events`)).body as Schemas['DeploymentEvent'][]
    ).at(-1);

  return {
    running,
    person,
    senderOf,
    call,
    register,
    created,
    lock,
    freeze,
    claim,
    patch,
    waiting,
    events,
    lastEvent,
    get organisation() {
      return organisation;
    },
  };
}
