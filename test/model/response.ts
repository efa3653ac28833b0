import { expect } from 'chai';
import type { Refused } from './design.js';
import type { ApiResponse, Deployment } from './request.js';

/** The body of a response. */
export function parse({ text }: ApiResponse): unknown {
  return JSON.parse(text);
}

/** The deployment that a response holds, with an id and instants of the right form, and a tag. */
export function readDeployment(response: ApiResponse): Deployment {
  const deployment = parse(response) as Deployment;
  expect(deployment.id).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  for (const at of [deployment.created_at, deployment.updated_at]) {
    expect(at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  expect(response.headers.etag).to.match(/^"[^"]+"$/);
  return deployment;
}

/** Expects headers; `undefined` for one that must be absent. */
export function requireHeaders(
  { headers }: ApiResponse,
  wanted: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, value] of Object.entries(wanted)) {
    expect(headers[name], name).to.equal(value);
  }
}

/** Expects the problem details of a refusal. */
export function expectRefusal({ status, code, names }: Refused, response: ApiResponse): void {
  expect(response.status, response.text).to.equal(status);
  expect(response.headers['content-type']).to.match(/^application\/problem\+json/);
  const { detail, ...problem } = parse(response) as { detail: string };
  expect(problem).to.include({
    type: `urn:problem-type:deployment-queue:${code}`,
    status,
    instance: response.path,
  });
  for (const name of names) expect(detail).to.include(name);
}
