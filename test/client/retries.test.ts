import { expect } from 'chai';
import {
  ClaimTimedOut,
  ConnectionFailed,
  createClient,
  noCredentials,
  ProblemError,
  TimedOut,
  UnexpectedResponse,
} from '../../src/client/client.js';
import { rejection, runBehindGateway } from '../support/client.js';
import { deploymentBody } from '../support/deployments.js';
import { hang, redirect, reset, serverError, truncated } from '../support/faults.js';
import type { Fault } from '../support/faults.js';
import type { Gateway } from '../support/gateway.js';
import { listenOnLoopback } from '../support/loopback-server.js';
import { until } from '../support/until.js';

/** A refusal of the service, as it sends it. */
function unavailable(retryAfter: string, status = 503): Fault {
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'application/problem+json', 'retry-after': retryAfter },
    body: JSON.stringify({
      type: 'urn:problem-type:deployment-queue:unavailable',
      title: 'Service Unavailable',
      status,
      detail: 'The store is out of reach',
      instance: '/v1/deployments',
    }),
  };
}

/** What a proxy responds with by itself. */
function page(status: number): Fault {
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'text/html' },
    body: `<h1>${status}</h1>`,
  };
}

describe('a call of the client that meets a fault', () => {
  const through = runBehindGateway();
  const create = (options = {}) => through.client(options).createDeployment(deploymentBody());

  const faults: [string, Fault][] = [
    ['the service is not available', unavailable('0')],
    ['there are too many requests', unavailable('0', 429)],
    ['a gateway has lost the service', serverError(502)],
    ['a gateway has waited in vain', serverError(504)],
    ['a proxy has a fault', page(500)],
    ['a proxy has waited for the request', page(408)],
    ['a proxy holds early data to be too early', page(425)],
    ['a proxy says so with problem details', unavailable('0', 408)],
    ...[520, 521, 522, 523, 524, 530].map((status): [string, Fault] => [
      `Cloudflare responds with ${status}`,
      page(status),
    ]),
    ['the connection is reset', reset()],
    ['the answer is cut off', truncated()],
  ];
  for (const [what, fault] of faults) {
    it(`is tried again when ${what}, before or after the call took effect`, async () => {
      through.gateway.before.set(fault, { times: 2 });
      through.gateway.after.set(fault, { times: 2 });
      const { deployment, replayed } = await create();
      expect(replayed).to.equal(true);
      expect(await through.running.tenant.list()).to.deep.equal([deployment]);
      const { seen } = through.gateway;
      expect(seen).to.have.length(5);
      for (const name of ['idempotency-key', 'x-request-id']) {
        expect(new Set(seen.map(({ headers }) => headers[name]))).to.have.property('size', 1);
      }
    });
  }

  it('is tried again when there is no answer in time', async () => {
    through.gateway.before.set(hang(), { times: 1 });
    through.gateway.after.set(hang(), { times: 1 });
    const { deployment } = await create({ timeoutMs: 300 });
    expect(await through.running.tenant.list()).to.deep.equal([deployment]);
  });

  it('says that time ran out when the last try had no answer', async () => {
    through.gateway.before.set(hang());
    const error = await rejection(create({ timeoutMs: 50, retry: { attempts: 2 } }), TimedOut);
    expect(error).to.include({ code: 'timed_out', retryable: true });
    expect(error.message).to.match(/^createDeployment: no response from http:\S+ within 50 ms$/);
    expect(error.requestId).to.equal(through.gateway.seen[0]?.headers['x-request-id']);
  });

  it('says why the connection failed when nobody listens', async () => {
    const { url } = through.gateway;
    await through.gateway.stop();
    const error = await rejection(create({ retry: { attempts: 2 } }), ConnectionFailed);
    expect(error).to.include({ code: 'connection_failed', retryable: true });
    expect(error.message).to.equal(
      `createDeployment: the connection to ${url} failed: ECONNREFUSED`,
    );
  });

  it('gives up after as many tries as it may make, with the last refusal', async () => {
    through.gateway.before.set(unavailable('0'));
    const error = await rejection(create({ retry: { attempts: 3 } }), ProblemError);
    expect(error).to.include({ status: 503, retryable: true, retryAfter: 0 });
    expect(through.gateway.seen).to.have.length(3);
  });

  it('tries as often as its timeout lets it, and no longer', async () => {
    through.gateway.before.set(unavailable('0'));
    const error = await rejection(create({ retry: { timeoutMs: 300 } }), ProblemError);
    expect(error.status).to.equal(503);
    expect(through.gateway.seen.length).to.be.greaterThan(10);
    through.gateway.seen.length = 0;
    await rejection(create({ retry: { timeoutMs: 0 } }), ProblemError);
    expect(through.gateway.seen).to.have.length(1);
  });

  it('waits for what Retry-After says, within its timeout', async () => {
    through.gateway.before.set(unavailable('1'), { times: 2 });
    await rejection(create({ retry: { timeoutMs: 1000 } }), ProblemError);
    expect(through.gateway.seen).to.have.length(1);
    await create({ retry: { timeoutMs: 5000 } });
    expect(through.gateway.seen).to.have.length(3);
  });

  for (const [form, value] of [
    ['seconds', () => '3600'],
    ['a date', () => new Date(Date.now() + 3_600_000).toUTCString()],
  ] as const) {
    it(`does not begin to wait when Retry-After, ${form}, is beyond its timeout`, async () => {
      through.gateway.before.set(unavailable(value()));
      const error = await rejection(create(), ProblemError);
      expect(error.retryAfter).to.be.within(3500, 3600);
      expect(through.gateway.seen).to.have.length(1);
    });
  }

  it('is not tried again when the service has a fault of its own', async () => {
    through.gateway.before.set(unavailable('0', 500));
    expect((await rejection(create(), ProblemError)).retryable).to.equal(false);
    expect(through.gateway.seen).to.have.length(1);
  });

  it('says so when something else than the service answers', async () => {
    through.gateway.before.set(page(404), { times: 1 });
    const error = await rejection(create(), UnexpectedResponse);
    expect(error).to.include({ code: 'unexpected_response', status: 404, retryable: false });
    expect(error.message).to.match(/answered 404 with text\/html; is the base URL right\?$/);
    through.gateway.before.set(page(201), { times: 1 });
    expect((await rejection(create(), UnexpectedResponse)).status).to.equal(201);
  });

  it('does not follow a redirect, which would hand its credentials on', async () => {
    const asked: unknown[] = [];
    const elsewhere = await listenOnLoopback((request, response) => {
      asked.push(request.url);
      response.end();
    });
    try {
      through.gateway.before.set(redirect(`${elsewhere.url}/secret`, 307), { times: 1 });
      const error = await rejection(create(), UnexpectedResponse);
      expect(error.message).to.contain(`redirects to ${elsewhere.url};`).and.not.contain('secret');
      expect(asked).to.deep.equal([]);
    } finally {
      await elsewhere.stop();
    }
  });

  describe('and is aborted', () => {
    const reason = new Error('the job was cancelled');

    it('ends at once, with the reason, while it waits for an answer', async () => {
      through.gateway.before.set(hang());
      const signal = abortedOnceSeen(through.gateway, reason);
      const call = through.client().createDeployment(deploymentBody(), { signal });
      expect(await rejection(call, Error)).to.equal(reason);
    });

    it('ends at once, with the reason, while it waits for the next try', async () => {
      through.gateway.before.set(unavailable('30'));
      const signal = abortedOnceSeen(through.gateway, reason);
      const call = through.client().createDeployment(deploymentBody(), { signal });
      expect(await rejection(call, Error)).to.equal(reason);
      expect(through.gateway.seen).to.have.length(1);
    });

    it('does not say that it is tried again, whatever the reason', async () => {
      const late = new ClaimTimedOut('id', 100, undefined);
      through.gateway.before.set(hang());
      const waits: number[] = [];
      const onRetry = (_error: Error, waitMs: number) => waits.push(waitMs);
      const signal = abortedOnceSeen(through.gateway, late);
      const call = through
        .client({ retry: { onRetry } })
        .createDeployment(deploymentBody(), { signal });
      expect(await rejection(call, Error)).to.equal(late);
      expect(waits).to.deep.equal([]);
    });

    it('is not sent when it was aborted before', async () => {
      const signal = AbortSignal.abort(reason);
      const call = through.client().createDeployment(deploymentBody(), { signal });
      expect(await rejection(call, Error)).to.equal(reason);
      expect(through.gateway.seen).to.deep.equal([]);
    });

    it('leaves the other calls alone', async () => {
      const client = through.client();
      through.gateway.before.set(hang(), { times: 1 });
      const aborted = client.createDeployment(deploymentBody(), {
        signal: abortedOnceSeen(through.gateway, reason),
      });
      await rejection(aborted, Error);
      expect((await client.createDeployment(deploymentBody())).replayed).to.equal(false);
    });
  });

  describe('as a change with ifMatch whose answer got lost', () => {
    it('succeeds when the deployment is as it was asked to be', async () => {
      const client = through.client();
      const { deployment, etag } = await client.createDeployment(deploymentBody());
      through.gateway.after.set(reset(), { times: 1 });
      const body = { status: 'in_progress', notes: 'mine', deployment_uri: null } as const;
      const changed = await client.updateDeployment(deployment.id, body, { ifMatch: etag });
      expect(changed.deployment).to.include(body);
      expect(changed.etag).to.match(/^"2-/);
    });

    it('is refused when somebody else was faster', async () => {
      const client = through.client();
      const { deployment, etag } = await client.createDeployment(deploymentBody());
      await client.updateDeployment(deployment.id, { notes: 'theirs' });
      through.gateway.before.set(reset(), { times: 1 });
      const late = client.updateDeployment(deployment.id, { notes: 'mine' }, { ifMatch: etag });
      const error = await rejection(late, ProblemError);
      expect(error).to.include({ status: 412, afterLostResponse: true });
      expect((await client.getDeployment(deployment.id)).deployment.notes).to.equal('theirs');
    });

    it('is refused when no answer got lost, though somebody else asked for the same', async () => {
      const client = through.client();
      const { deployment, etag } = await client.createDeployment(deploymentBody());
      await client.updateDeployment(deployment.id, { notes: 'same' });
      const late = client.updateDeployment(deployment.id, { notes: 'same' }, { ifMatch: etag });
      expect((await rejection(late, ProblemError)).status).to.equal(412);
    });
  });

  it('goes through a fetch of its own', async () => {
    const urls: string[] = [];
    const client = createClient({
      url: through.gateway.url,
      credentials: noCredentials(),
      fetch: (input, init) => {
        urls.push(input instanceof Request ? input.url : String(input));
        return fetch(input, init);
      },
    });
    await client.listDeployments({ limit: 1 });
    expect(urls).to.deep.equal([`${through.gateway.url}/v1/deployments?limit=1`]);
  });

  it('calls it as a function, as browsers demand of theirs', async () => {
    const asked: unknown[] = [];
    const client = createClient({
      url: through.gateway.url,
      credentials: noCredentials(),
      fetch: function (this: unknown, input, init) {
        asked.push(this);
        return fetch(input, init);
      },
    });
    await client.createDeployment(deploymentBody());
    // Which opens a stream.
    await client.events({ last: 1 }).next();
    expect(asked).to.deep.equal([undefined, undefined]);
  });
});

/** A signal that is aborted once a call has got as far as the gateway. */
function abortedOnceSeen({ seen }: Gateway, reason: Error): AbortSignal {
  const controller = new AbortController();
  void until('the call is seen', () => seen.length > 0).then(() => {
    controller.abort(reason);
  });
  return controller.signal;
}
