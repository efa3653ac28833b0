import type { Test } from 'supertest';
import { send } from './authenticated-service.js';
import type { Method, Sender } from './authenticated-service.js';
import { deploymentBody } from './deployments.js';
import type { TestService } from './service.js';

/** One organisation, by both ways in. */
export interface Callers {
  readonly job: Sender;
  readonly person: Sender;
}

/** What an organisation tries on others: an id and a cursor of theirs, and their name. */
export interface Foreign {
  readonly id: string;
  readonly cursor: string;
  readonly organisation: string;
}

/** A step of a walk with its whole answer. */
export interface Step {
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A walk, and what of it others may try on. */
export interface Walk {
  readonly steps: readonly Step[];
  /** Every id that was made. */
  readonly ids: readonly string[];
  readonly cursor: string;
}

const place = 'name=checkout&environment=production&provider=gcp';

/**
 * Walks an organisation through all operations, each by both callers, and through refusals of
 * each kind. Two walks differ only in who walks.
 *
 * @param keys put in front of each `Idempotency-Key`
 */
export async function walk(
  service: TestService,
  { job, person }: Callers,
  foreign: Foreign,
  keys = '',
): Promise<Walk> {
  const steps: Step[] = [];
  const ids: string[] = [];

  async function step(
    sender: Sender,
    method: Method,
    path: string,
    { body, ...headers }: { body?: object; key?: string; 'if-match'?: string } = {},
  ): Promise<Step & { id: string }> {
    const { key, ...rest } = headers;
    let request: Test = send(service, sender, method, path).set('X-Request-Id', 'walk').set(rest);
    if (key !== undefined) request = request.set('Idempotency-Key', keys + key);
    const response = await (body === undefined ? request : request.send(body));
    const { status, text } = response;
    const made = { request: `${method} ${path}`, status, headers: response.headers, text };
    steps.push(made);
    const id = status === 201 && 'id' in response.body ? String(response.body.id) : '';
    if (id !== '' && !ids.includes(id)) ids.push(id);
    return { ...made, id };
  }
  const create = (sender: Sender, version: string, key?: string) =>
    step(sender, 'post', '/v1/deployments', {
      body: deploymentBody({ version }),
      ...(key !== undefined && { key }),
    });
  const at = (id: string) => `/v1/deployments/${id}`;

  const first = await create(job, '1', 'first');
  await create(job, '1', 'first');
  await create(job, '2', 'first');
  const waiting = await create(person, '1.5');
  await step(job, 'patch', at(first.id), { body: { status: 'deployed' } });
  const second = await create(person, '2', 'second');
  await step(job, 'patch', at(second.id), { body: { status: 'failed' }, 'if-match': '"9-x"' });
  await step(person, 'patch', at(second.id), {
    body: { status: 'deployed' },
    'if-match': second.headers['etag'] ?? '',
  });
  await step(job, 'patch', at(second.id), { body: { status: 'scheduled' } });
  await step(person, 'patch', at(second.id), { body: {} });

  const page = await step(job, 'get', '/v1/deployments?limit=1');
  const next = /<(.*)>/.exec(page.headers['link'] ?? '')?.[1] ?? '';
  await step(person, 'get', next);
  for (const query of ['', '?name=checkout&status=deployed', '?trigger=rollback', '?name=other']) {
    await step(job, 'get', `/v1/deployments${query}`);
  }

  await step(person, 'post', `${at(first.id)}/rollback`);
  await step(job, 'post', `/v1/deployments/rollback?${place}&target_version=9`);
  const rollback = await step(job, 'post', `/v1/deployments/rollback?${place}`, { key: 'back' });
  await step(job, 'post', `/v1/deployments/rollback?${place}`, { key: 'back' });
  await step(job, 'post', `${at(second.id)}/rollback`, { key: 'back' });
  await step(person, 'post', `${at(second.id)}/rollback`);
  await step(job, 'patch', at(rollback.id), { body: { status: 'in_progress' } });
  await step(job, 'patch', at(rollback.id), { body: { status: 'failed' } });
  await step(person, 'post', `${at(rollback.id)}/rollback?target_version=1`, { key: 'again' });

  for (const id of [first.id, waiting.id, second.id, rollback.id, foreign.id]) {
    for (const sender of [job, person]) {
      await step(sender, 'get', at(id));
      await step(sender, 'get', `${at(id)}/lineage`);
      await step(sender, 'get', `${at(id)}/events`);
    }
  }
  for (const sender of [job, person]) {
    await step(sender, 'patch', at(foreign.id), { body: { status: 'failed' } });
    await step(sender, 'post', `${at(foreign.id)}/rollback`);
    await step(sender, 'get', `/v1/deployments?cursor=${foreign.cursor}`);
    await step({ ...sender, organisation: foreign.organisation }, 'get', '/v1/deployments');
    await step({ ...sender, organisation: foreign.organisation }, 'get', at(foreign.id));
    for (const path of ['/v1/events', '/v1/events?last=3', '/v1/current']) {
      await step(sender, 'get', path);
    }
    await step(sender, 'get', '/v1/nothing');
    await step(sender, 'put', '/v1/deployments');
    await step(sender, 'get', '/v1/deployments');
  }

  const policy = '/v1/policies/mine';
  const body = {
    scope: { name: 'nothing' },
    rules: [{ who: { person: { role: 'admin' } }, may: ['start'] }],
  };
  await step(job, 'put', policy, { body });
  await step(person, 'put', policy, { body });
  await step(person, 'put', policy, { body });
  for (const sender of [job, person]) {
    for (const path of [policy, `${policy}/events`, '/v1/policies'])
      await step(sender, 'get', path);
    await step(sender, 'post', '/v1/policies/check', { body: { action: 'configure' } });
  }
  await step(person, 'delete', policy);
  await step(person, 'delete', policy);
  return { steps, ids, cursor: new URLSearchParams(next.split('?')[1]).get('cursor') ?? '' };
}
