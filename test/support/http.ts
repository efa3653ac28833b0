import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { Response } from 'supertest';
import { Tenant } from './deployments.js';
import { startTestService } from './service.js';
import type { TestService } from './service.js';

/** A service that runs for a whole suite, and a new tenant for each of its tests. */
export interface Running {
  readonly service: TestService;
  readonly tenant: Tenant;
}

/** Runs a service around the tests of a suite; an organisation that no other test uses for each. */
export function runService(environment: Record<string, string> = {}): Running {
  let service: TestService | undefined;
  let tenant: Tenant | undefined;
  before(async () => {
    service = await startTestService(environment);
  });
  beforeEach(() => {
    if (service === undefined) throw new Error('The service did not start');
    tenant = new Tenant(service, `org-${randomBytes(6).toString('hex')}`);
  });
  after(async () => {
    await service?.stop();
    // Mocha keeps what suites hold until the end of the run.
    service = undefined;
    tenant = undefined;
  });
  return {
    get service() {
      if (service === undefined) throw new Error('The service does not run outside of a test');
      return service;
    },
    get tenant() {
      if (tenant === undefined) throw new Error('There is no tenant outside of a test');
      return tenant;
    },
  };
}

/** Expects problem details (RFC 9457) of a kind, whole and on the right path. */
export function expectProblem(
  response: Response,
  status: number,
  code: string,
  detail?: string | RegExp,
): void {
  expect(response.body).to.include({
    type: `urn:problem-type:deployment-queue:${code}`,
    status,
    instance: new URL(response.request.url).pathname,
  });
  expect(response.status).to.equal(status);
  expect(response.headers['content-type']).to.match(/^application\/problem\+json/);
  expect(response.body.title).to.be.a('string').and.not.equal('');
  if (typeof detail === 'string') expect(response.body.detail).to.equal(detail);
  else if (detail !== undefined) expect(response.body.detail).to.match(detail);
}
