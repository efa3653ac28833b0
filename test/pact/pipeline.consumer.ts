import { MatchersV3 } from '@pact-foundation/pact';
import { expect } from 'chai';
import { Pipeline } from './consumers/pipeline.js';
import { ConsumerProblem } from './consumers/http.js';
import { errorOf } from '../support/error-of.js';
import {
  authorization,
  instant,
  json,
  jsonResponse,
  makePact,
  pathOfDeployment,
  problem,
  problemResponse,
  someId,
  token,
  uuid,
} from './support/pacts.js';

const { like, regex } = MatchersV3;

/** What the pipeline reads of a deployment. */
const release = (fields: object) => ({ id: uuid, environment: 'production', ...fields });
const etag = { ETag: regex(/^".+"$/, '"1-mk9m2qxc"') };
const location = {
  Location: regex('^/v1/deployments/[0-9a-f-]{36}$', `/v1/deployments/${someId}`),
};

describe('the pipeline', function () {
  // On a busy machine Pact's server may say that a request did not arrive which it has answered.
  this.retries(5);
  const pact = makePact('checkout-pipeline');

  it('registers a version', async () => {
    await pact
      .addInteraction()
      .given('nothing is registered')
      .uponReceiving('a version to register')
      .withRequest('POST', '/v1/deployments', (request) => {
        request.headers({ ...authorization, ...json, 'Idempotency-Key': like('run-7-register') });
        request.jsonBody({
          name: 'checkout',
          version: '1.4.0',
          environment: 'production',
          provider: 'gcp',
          type: 'k8s',
        });
      })
      .willRespondWith(201, (response) => {
        response.headers({ ...jsonResponse, ...etag, ...location });
        response.jsonBody(release({ version: '1.4.0', status: 'scheduled', trigger: 'auto' }));
      })
      .executeTest(async ({ url }) => {
        const registered = await new Pipeline({ url, token }).register('1.4.0', 'run-7-register');
        expect(registered).to.include({ id: someId, status: 'scheduled' });
        expect(registered.location).to.equal(`/v1/deployments/${someId}`);
      });
  });

  it('reads a deployment', async () => {
    await pact
      .addInteraction()
      .given('version 1.4.0 is scheduled')
      .uponReceiving('a deployment to read')
      .withRequest('GET', pathOfDeployment(), (request) => {
        request.headers(authorization);
      })
      .willRespondWith(200, (response) => {
        response.headers({ ...jsonResponse, ...etag });
        response.jsonBody(release({ version: '1.4.0', status: 'scheduled', trigger: 'auto' }));
      })
      .executeTest(async ({ url }) => {
        const read = await new Pipeline({ url, token }).get(someId);
        expect(read).to.include({ id: someId, version: '1.4.0' });
      });
  });

  it('is told when there is no such deployment', async () => {
    await pact
      .addInteraction()
      .given('nothing is registered')
      .uponReceiving('an unknown deployment to read')
      .withRequest('GET', `/v1/deployments/${someId}`, (request) => {
        request.headers(authorization);
      })
      .willRespondWith(404, (response) => {
        response.headers(problemResponse).jsonBody(problem(404, 'deployment-not-found'));
      })
      .executeTest(async ({ url }) => {
        const error = await errorOf(new Pipeline({ url, token }).get(someId));
        expect(error).to.be.instanceOf(ConsumerProblem).and.include({ status: 404 });
      });
  });

  it('says that a version is deployed', async () => {
    await pact
      .addInteraction()
      .given('version 1.4.0 is scheduled')
      .uponReceiving('a deployment that is deployed now')
      .withRequest('PATCH', pathOfDeployment(), (request) => {
        request.headers({ ...authorization, ...json }).jsonBody({ status: 'deployed' });
      })
      .willRespondWith(200, (response) => {
        response.headers({ ...jsonResponse, ...etag });
        response.jsonBody(release({ version: '1.4.0', status: 'deployed', trigger: 'auto' }));
      })
      .executeTest(async ({ url }) => {
        const moved = await new Pipeline({ url, token }).move(someId, 'deployed');
        expect(moved.status).to.equal('deployed');
      });
  });

  it('says that a version has begun, and is told when', async () => {
    await pact
      .addInteraction()
      .given('version 1.4.0 is scheduled')
      .uponReceiving('a deployment that begins')
      .withRequest('PATCH', pathOfDeployment(), (request) => {
        request.headers({ ...authorization, ...json }).jsonBody({ status: 'in_progress' });
      })
      .willRespondWith(200, (response) => {
        response.headers({ ...jsonResponse, ...etag });
        response.jsonBody(release({ status: 'in_progress', started_at: instant }));
      })
      .executeTest(async ({ url }) => {
        const moved = await new Pipeline({ url, token }).move(someId, 'in_progress');
        expect(moved.started_at).to.be.a('string');
      });
  });

  it('calls a version off that has not begun', async () => {
    await pact
      .addInteraction()
      .given('version 1.4.0 is scheduled')
      .uponReceiving('a deployment that is cancelled')
      .withRequest('PATCH', pathOfDeployment(), (request) => {
        request.headers({ ...authorization, ...json }).jsonBody({ status: 'cancelled' });
      })
      .willRespondWith(200, (response) => {
        response.headers({ ...jsonResponse, ...etag });
        response.jsonBody(release({ status: 'cancelled', started_at: null }));
      })
      .executeTest(async ({ url }) => {
        const moved = await new Pipeline({ url, token }).move(someId, 'cancelled');
        expect(moved).to.include({ status: 'cancelled', started_at: null });
      });
  });

  it('is told when a status cannot follow', async () => {
    await pact
      .addInteraction()
      .given('version 1.4.0 is skipped')
      .uponReceiving('a skipped deployment that is deployed now')
      .withRequest('PATCH', pathOfDeployment(), (request) => {
        request.headers({ ...authorization, ...json }).jsonBody({ status: 'deployed' });
      })
      .willRespondWith(409, (response) => {
        response.headers(problemResponse).jsonBody(problem(409, 'transition-not-allowed'));
      })
      .executeTest(async ({ url }) => {
        const error = await errorOf(new Pipeline({ url, token }).move(someId, 'deployed'));
        expect(error).to.be.instanceOf(ConsumerProblem).and.include({
          type: 'urn:problem-type:deployment-queue:transition-not-allowed',
        });
      });
  });

  it('rolls back to the version before', async () => {
    await pact
      .addInteraction()
      .given('version 1.3.0 was deployed before 1.4.0')
      .uponReceiving('a rollback')
      .withRequest('POST', '/v1/deployments/rollback', (request) => {
        request.query({ name: 'checkout', environment: 'production', provider: 'gcp' });
        request.headers({ ...authorization, 'Idempotency-Key': like('run-7-rollback') });
      })
      .willRespondWith(201, (response) => {
        response.headers({ ...jsonResponse, ...etag, ...location });
        response.jsonBody(release({ version: '1.3.0', status: 'scheduled', trigger: 'rollback' }));
      })
      .executeTest(async ({ url }) => {
        const back = await new Pipeline({ url, token }).rollBack('run-7-rollback');
        expect(back).to.include({ version: '1.3.0', trigger: 'rollback' });
      });
  });

  it('says why it rolls back', async () => {
    await pact
      .addInteraction()
      .given('version 1.3.0 was deployed before 1.4.0')
      .uponReceiving('a rollback with a reason')
      .withRequest('POST', '/v1/deployments/rollback', (request) => {
        request.query({ name: 'checkout', environment: 'production', provider: 'gcp' });
        request.headers({ ...authorization, ...json, 'Idempotency-Key': like('run-8-rollback') });
        request.jsonBody({ reason: 'Too slow' });
      })
      .willRespondWith(201, (response) => {
        response.headers({ ...jsonResponse, ...etag, ...location });
        const notes = regex('^.*Too slow$', 'Rollback from 1.4.0 to 1.3.0: Too slow');
        response.jsonBody(release({ version: '1.3.0', trigger: 'rollback', notes }));
      })
      .executeTest(async ({ url }) => {
        const back = await new Pipeline({ url, token }).rollBack('run-8-rollback', 'Too slow');
        expect(back.notes).to.include('Too slow');
      });
  });

  it('is told when a rollback is under way', async () => {
    await pact
      .addInteraction()
      .given('version 1.4.0 is being rolled back to 1.3.0')
      .uponReceiving('a rollback while another waits')
      .withRequest('POST', '/v1/deployments/rollback', (request) => {
        request.query({ name: 'checkout', environment: 'production', provider: 'gcp' });
        request.headers({ ...authorization, 'Idempotency-Key': like('run-9-rollback') });
      })
      .willRespondWith(409, (response) => {
        response.headers(problemResponse).jsonBody(problem(409, 'rollback-pending'));
      })
      .executeTest(async ({ url }) => {
        const error = await errorOf(new Pipeline({ url, token }).rollBack('run-9-rollback'));
        expect(error).to.be.instanceOf(ConsumerProblem).and.include({
          type: 'urn:problem-type:deployment-queue:rollback-pending',
        });
      });
  });
});
