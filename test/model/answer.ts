import { expect } from 'chai';
import type { Refused } from './design.js';
import type { Answer, Deployment } from './request.js';

/** The body of an answer. */
export function parse({ text }: Answer): unknown {
  return JSON.parse(text);
}

/** The deployment that an answer holds, with an id and instants of the right form, and a tag. */
export function readDeployment(answer: Answer): Deployment {
  const deployment = parse(answer) as Deployment;
  expect(deployment.id).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  for (const at of [deployment.created_at, deployment.updated_at]) {
    expect(at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  expect(answer.headers.etag).to.match(/^"[^"]+"$/);
  return deployment;
}

/** Expects headers; `undefined` for one that must be absent. */
export function requireHeaders(
  { headers }: Answer,
  wanted: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, value] of Object.entries(wanted)) {
    expect(headers[name], name).to.equal(value);
  }
}

/** Expects the problem details of a refusal. */
export function expectRefusal({ status, code, names }: Refused, answer: Answer): void {
  expect(answer.status, answer.text).to.equal(status);
  expect(answer.headers['content-type']).to.match(/^application\/problem\+json/);
  const { detail, ...problem } = parse(answer) as { detail: string };
  expect(problem).to.include({
    type: `urn:problem-type:deployment-queue:${code}`,
    status,
    instance: answer.path,
  });
  for (const name of names) expect(detail).to.include(name);
}
