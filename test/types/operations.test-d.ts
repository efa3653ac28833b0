/**
 * What the contract forbids does not compile. Never run: `tsc` fails on an expected error that is
 * none. Each error is next to the same thing written correctly, which must compile.
 */
import type { components } from '../../generated/openapi.js';
import type { ProblemCode } from '../../src/http/problem.js';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import type {
  Operation,
  OperationRequest,
  OperationResponse,
  Operations,
  ResponseOf,
} from '../../src/operations/operation.js';
import { operations } from '../../src/operations/operations.js';

declare const deployment: Deployment;
declare const response: OperationResponse<'createDeployment'>;
const { createDeployment, ...allButOne } = operations;

// A handler for each operation of the contract, and no other.
export const complete: Operations = { ...allButOne, createDeployment };
// @ts-expect-error a missing handler
export const missing: Operations = { ...allButOne };
// @ts-expect-error a handler that the contract has no operation for
export const unknownOperation: Operations = { ...operations, deleteDeployment: createDeployment };
export type Known = Operation<'getDeployment'>;
// @ts-expect-error an operation that the contract does not have
export type Unknown = Operation<'deleteDeployment'>;
// @ts-expect-error the handler of another operation
export const swapped: Operations = { ...operations, listDeployments: createDeployment };

// A request has what the contract says, and nothing else.
declare const create: OperationRequest<'createDeployment'>;
declare const update: OperationRequest<'updateDeployment'>;
declare const list: OperationRequest<'listDeployments'>;
declare const read: OperationRequest<'getDeployment'>;
export const name: string = create.body.name;
// @ts-expect-error a field that the body does not have
export const title: unknown = create.body.title;
// @ts-expect-error a field that can be registered, but not changed
export const version: unknown = update.body.version;
// @ts-expect-error a field that may be left out
export const auto: boolean = create.body.auto;
export const limit: number | undefined = list.query.limit;
// @ts-expect-error a query parameter that is a number
export const text: string | undefined = list.query.limit;
// @ts-expect-error a query parameter that the operation does not have
export const page: unknown = list.query.page;
export const key: string | undefined = create.headers['Idempotency-Key'];
// @ts-expect-error a header that belongs to another operation
export const match: unknown = create.headers['If-Match'];
declare const undo: OperationRequest<'rollbackDeployment'>;
export const statuses: readonly Deployment['status'][] | undefined = list.query.status;
// @ts-expect-error a filter that may be repeated
export const status: Deployment['status'] | undefined = list.query.status;
// A body that may be left out is an object without fields then.
export const reason: string | null | undefined = undo.body.reason;
// @ts-expect-error a field of the query, not of the body
export const target: unknown = undo.body.target_version;
export const id: string = read.path.id;
// @ts-expect-error a body where there is none
export const body: object = read.body;

// An answer has what the contract says.
type Read = OperationResponse<'getDeployment'>;
const headers = { ETag: '"1"' };
export const right: Read = { status: 200, headers, body: deployment };
// @ts-expect-error a status of another operation
export const wrongStatus: Read = { status: 201, headers, body: deployment };
// @ts-expect-error a status that is a problem's
export const refused: Read = { status: 404, headers, body: deployment };
// @ts-expect-error an answer without an ETag
export const noTag: Read = { status: 200, headers: {}, body: deployment };
// @ts-expect-error a header that the answer does not have
export const more: Read = { status: 200, headers: { ...headers, Location: '/' }, body: deployment };
// @ts-expect-error an answer without a body
export const noBody: Read = { status: 200, headers };
export const cancelled: Deployment = { ...deployment, status: 'cancelled' };
// @ts-expect-error a status that a deployment cannot have
export const paused: Read = { status: 200, headers, body: { ...deployment, status: 'paused' } };
// @ts-expect-error null where there is always a value
export const unnamed: Read = { status: 200, headers, body: { ...deployment, name: null } };
// @ts-expect-error one deployment where a list is due
export const one: OperationResponse<'listDeployments'> = { ...right, headers: {} };
export const many: OperationResponse<'listDeployments'> = { ...right, headers: {}, body: [] };

const { Location, ...withoutLocation } = response.headers;
export const there: OperationResponse<'createDeployment'> = {
  ...response,
  headers: { ...withoutLocation, Location },
};
// @ts-expect-error an answer without a Location
export const nowhere: typeof there = { ...response, headers: withoutLocation };
export const again: typeof there.headers = { ...there.headers, 'Idempotent-Replayed': 'true' };
// @ts-expect-error the header is `true` or absent
export const never: typeof there.headers = { ...there.headers, 'Idempotent-Replayed': 'false' };

// A handler that takes such a request and gives such an answer.
export const handler: Operation<'getDeployment'> = () => Promise.resolve(right);
// @ts-expect-error a handler that does not wait for its answer
export const hasty: Operation<'getDeployment'> = () => right;
// @ts-expect-error a handler with the answer of another operation
export const wrongResponse: Operation<'getDeployment'> = () => Promise.resolve(response);

// The kinds of problem are the same on both sides.
type ProblemType = components['schemas']['Problem']['type'];
type Ours = `urn:problem-type:deployment-queue:${ProblemCode}`;
export const allOurs = (type: ProblemType): Ours => type;
export const allTheirs = (type: Ours): ProblemType => type;

/** Responses without JSON: one that is empty, and one that is a stream. */
interface Common {
  'X-Request-Id': string;
  ETag: string;
}
const empty: ResponseOf<204, { headers: Common; content?: never }> = {
  status: 204,
  headers: { ETag: '"1"' },
};
// @ts-expect-error -- an empty response has no body
const notEmpty: ResponseOf<204, { headers: Common; content?: never }> = { ...empty, body: {} };
type Streamed = ResponseOf<200, { headers: Common; content: { 'text/event-stream': string } }>;
const streamed: Streamed = {
  status: 200,
  headers: { ETag: '"1"' },
  // eslint-disable-next-line @typescript-eslint/require-await -- only its type matters
  stream: async function* () {
    yield 'data: 1\n\n';
  },
};
// @ts-expect-error -- a stream is not JSON
const notStreamed: Streamed = { status: 200, headers: { ETag: '"1"' }, body: {} };
export const unused = [notEmpty, streamed, notStreamed];
