import { isDeepStrictEqual as same } from 'node:util';
import { expect } from 'chai';
import { chooseRollback, Refused, rollbackNotes } from './design.js';
import { ageOf, byRequest, register } from './entry.js';
import { placeOf, registeredFields } from './meaning.js';
import type { Queue } from './queue.js';
import type { ApiResponse, Deployment, Of } from './request.js';
import { readDeployment, requireHeaders } from './response.js';

/** What may carry an `Idempotency-Key`. */
type Creating = Of<'create' | 'rollbackTaxonomy' | 'rollbackDeployment'>;

/** What a request means, however it is spelled. */
type Content = Readonly<Record<string, unknown>>;

/** The first request under an `Idempotency-Key`, and its response. */
export interface Remembered {
  readonly request: Creating;
  readonly content: Content;
  readonly response: ApiResponse;
}

/** Expects a registration. */
export function create(queue: Queue, request: Of<'create'>, response: ApiResponse): void {
  refuseFault(queue, request, response);
  const fields = registeredFields(request.body);
  const content = { kind: request.kind, ...fields };
  if (replays(queue, request, content, response)) return;
  insert(queue, request, content, response, fields, null);
}

/** Expects a rollback. */
export function rollback(
  queue: Queue,
  request: Exclude<Creating, { kind: 'create' }>,
  response: ApiResponse,
): void {
  refuseFault(queue, request, response);
  const { kind, target, body } = request;
  const reason = body?.reason?.trim() ? body.reason : null;
  const whose =
    kind === 'rollbackTaxonomy' ? placeOf(request.place) : { id: request.id.toLowerCase() };
  const content = { kind, ...whose, target, reason };
  if (replays(queue, request, content, response)) return;
  const wanted = 'id' in whose ? queue.find(whose.id) : whose;
  const choice = chooseRollback(queue.entries, wanted, target);
  const fields: Partial<Deployment> = {
    ...choice.source,
    auto: false,
    trigger: 'rollback',
    deployment_uri: null,
    notes: rollbackNotes(choice, reason),
    source_deployment_id: choice.source.id,
    rollback_from_deployment_id: choice.from.id,
  };
  insert(queue, request, content, response, fields, reason);
}

/** Where a fault meets a key of another request, either may be told; both change nothing. */
function refuseFault({ remembered }: Queue, { key, fault }: Creating, { text }: ApiResponse): void {
  if (fault === undefined) return;
  const other = key !== undefined && remembered.has(key);
  if (other && text.includes('idempotency-key-reused')) {
    throw new Refused(422, 'idempotency-key-reused');
  }
  throw new Refused(422, 'contract-violation', fault.at);
}

/** Whether the response had to be, and is, the first one under the request's key. */
function replays(
  { remembered }: Queue,
  request: Creating,
  content: Content,
  response: ApiResponse,
): boolean {
  const first = request.key === undefined ? undefined : remembered.get(request.key);
  if (first === undefined) return false;
  // What means the same in other words may be taken for another request.
  const mayDiffer = response.status === 422 && !same(first.request, request);
  if (mayDiffer || !same(first.content, content)) {
    throw new Refused(422, 'idempotency-key-reused');
  }
  expect(response.status, response.text).to.equal(201);
  expect(response.text).to.equal(first.response.text);
  const { etag = '', location = '' } = first.response.headers;
  requireHeaders(response, { etag, location, 'idempotent-replayed': 'true' });
  return true;
}

function insert(
  { login, entries, remembered }: Queue,
  request: Creating,
  content: Content,
  response: ApiResponse,
  fields: Partial<Deployment>,
  reason: string | null,
): void {
  expect(response.status, response.text).to.equal(201);
  const deployment = readDeployment(response);
  const { id, created_at: at, rollback_from_deployment_id: from } = deployment;
  expect(deployment).to.deep.equal({
    ...fields,
    organisation: login.toLowerCase(),
    status: 'scheduled',
    id,
    created_at: at,
    updated_at: at,
    started_at: null,
    finished_at: null,
    deployed_at: null,
    created_by_repo: null,
    created_by_workflow: null,
    created_by_actor: null,
    approvals: [],
  });
  requireHeaders(response, {
    location: `/v1/deployments/${id}`,
    'idempotent-replayed': undefined,
  });
  expect(entries.map((entry) => entry.deployment.id)).not.to.include(id);
  const cause =
    from === null ? byRequest : { cause: 'rollback' as const, cause_deployment_id: from };
  entries.push(register(deployment, response.headers.etag, cause, reason));
  entries.sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
  if (request.key !== undefined) remembered.set(request.key, { request, content, response });
}
