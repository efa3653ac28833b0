import { MatchersV3 } from '@pact-foundation/pact';
import { expect } from 'chai';
import { Dashboard } from './consumers/dashboard.js';
import {
  authorization,
  instant,
  jsonResponse,
  makePact,
  pathOfDeployment,
  someId,
  token,
  uuid,
} from './support/pacts.js';

const { constrainedArrayLike, fromProviderState, like, regex } = MatchersV3;

/** What the dashboard shows of a deployment. */
const row = {
  id: uuid,
  name: like('checkout'),
  version: like('1.4.0'),
  environment: 'production',
  status: 'scheduled',
  created_at: instant,
  deployed_at: null,
};
const filters = { environment: 'production', status: 'scheduled', limit: '2' };
const cursor = 'MjAyNi0wMS0wNVQw';
const nextPath = `/v1/deployments?environment=production&status=scheduled&limit=2&cursor=${cursor}`;
const nextEvents = `/v1/deployments/${someId}/events?limit=2&cursor=${cursor}`;

describe('the dashboard', function () {
  // On a busy machine Pact's server may say that a request did not arrive which it has answered.
  this.retries(5);
  const pact = makePact('deployments-dashboard');

  it('shows a page of what waits, and that there is more', async () => {
    await pact
      .addInteraction()
      .given('three versions are scheduled')
      .uponReceiving('a page of what waits')
      .withRequest('GET', '/v1/deployments', (request) => {
        request.query(filters).headers(authorization);
      })
      .willRespondWith(200, (response) => {
        const link = regex(
          '^</v1/deployments[?].*cursor=.+>; rel="next"$',
          `<${nextPath}>; rel="next"`,
        );
        response.headers({ ...jsonResponse, Link: link });
        response.jsonBody(constrainedArrayLike(row, 2, 2));
      })
      .executeTest(async ({ url }) => {
        const { rows, next } = await new Dashboard({ url, token }).waiting();
        expect(rows).to.have.length(2);
        expect(next).to.equal(nextPath);
      });
  });

  it('follows to the last page', async () => {
    await pact
      .addInteraction()
      .given('three versions are scheduled')
      .uponReceiving('the next page of what waits')
      .withRequest('GET', '/v1/deployments', (request) => {
        request.query({ ...filters, cursor: fromProviderState('${cursor}', cursor) });
        request.headers(authorization);
      })
      .willRespondWith(200, (response) => {
        response.headers(jsonResponse).jsonBody(constrainedArrayLike(row, 1, 1));
      })
      .executeTest(async ({ url }) => {
        const { rows, next } = await new Dashboard({ url, token }).page(nextPath);
        expect(rows).to.have.length(1);
        expect(next).to.equal(undefined);
      });
  });

  it('shows where a rollback came from', async () => {
    await pact
      .addInteraction()
      .given('version 1.4.0 is being rolled back to 1.3.0')
      .uponReceiving('a lineage')
      .withRequest('GET', pathOfDeployment('/lineage'), (request) => {
        request.headers(authorization);
      })
      .willRespondWith(200, (response) => {
        response.headers(jsonResponse).jsonBody({
          deployment: { id: uuid, version: '1.3.0' },
          copied_from: [{ id: uuid, version: '1.3.0' }],
          replaced: [{ id: uuid, version: '1.4.0' }],
          replaced_by: [],
          more: { copied_from: false, replaced: false },
        });
      })
      .executeTest(async ({ url }) => {
        expect(await new Dashboard({ url, token }).origin(someId)).to.deep.equal({
          copiedFrom: ['1.3.0'],
          replaced: ['1.4.0'],
          more: false,
        });
      });
  });

  it('shows what failed or was called off', async () => {
    await pact
      .addInteraction()
      .given('version 1.4.0 is cancelled')
      .uponReceiving('a list of two statuses')
      .withRequest('GET', '/v1/deployments', (request) => {
        request.query({ status: ['failed', 'cancelled'] }).headers(authorization);
      })
      .willRespondWith(200, (response) => {
        const cancelled = { ...row, status: 'cancelled' };
        response.headers(jsonResponse).jsonBody(constrainedArrayLike(cancelled, 1, 1));
      })
      .executeTest(async ({ url }) => {
        const rows = await new Dashboard({ url, token }).over();
        expect(rows.map(({ status }) => status)).to.deep.equal(['cancelled']);
      });
  });

  it('shows what happened to a deployment first, and that there is more', async () => {
    await pact
      .addInteraction()
      .given('version 1.4.0 has three events')
      .uponReceiving('the first events of a deployment')
      .withRequest('GET', pathOfDeployment('/events'), (request) => {
        request.query({ limit: '2' }).headers(authorization);
      })
      .willRespondWith(200, (response) => {
        const link = regex(
          '^</v1/deployments/[0-9a-f-]{36}/events[?].*cursor=.+>; rel="next"$',
          `<${nextEvents}>; rel="next"`,
        );
        response.headers({ ...jsonResponse, Link: link }).jsonBody([
          {
            ...{ revision: 1, type: 'registered', occurred_at: instant, reason: null },
            ...{ from_status: null, to_status: 'scheduled', changed: [], cause: 'request' },
          },
          {
            ...{ revision: 2, type: 'changed', occurred_at: instant, reason: null },
            ...{ from_status: 'scheduled', to_status: 'scheduled', changed: ['notes'] },
            cause: 'request',
          },
        ]);
      })
      .executeTest(async ({ url }) => {
        const path = `/v1/deployments/${someId}/events?limit=2`;
        const { lines, next } = await new Dashboard({ url, token }).history(path);
        expect(lines).to.deep.equal([
          '1. new to scheduled: request ()',
          '2. scheduled to scheduled: request (notes)',
        ]);
        expect(next).to.equal(nextEvents);
      });
  });

  it('shows what happened to a deployment last', async () => {
    await pact
      .addInteraction()
      .given('version 1.4.0 has three events')
      .uponReceiving('the next events of a deployment')
      .withRequest('GET', pathOfDeployment('/events'), (request) => {
        request.query({ limit: '2', cursor: fromProviderState('${cursor}', cursor) });
        request.headers(authorization);
      })
      .willRespondWith(200, (response) => {
        response.headers(jsonResponse).jsonBody([
          {
            ...{ revision: 3, type: 'changed', occurred_at: instant, reason: null },
            ...{ from_status: 'scheduled', to_status: 'skipped', changed: ['status'] },
            cause: 'request',
          },
        ]);
      })
      .executeTest(async ({ url }) => {
        const { lines, next } = await new Dashboard({ url, token }).history(nextEvents);
        expect(lines).to.deep.equal(['3. scheduled to skipped: request (status)']);
        expect(next).to.equal(undefined);
      });
  });
});
