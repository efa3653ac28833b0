import { expect } from 'chai';
import { createClient, noCredentials, ProblemError } from '../../src/client/client.js';
import { deploymentBody } from '../support/deployments.js';
import { rejection } from '../support/client.js';
import { runService } from '../support/http.js';
import { laterValues, startLaterService } from '../support/later-service.js';
import type { LaterService } from '../support/later-service.js';

describe('the client of a service that knows more than its contract', () => {
  const running = runService();
  let service: LaterService;
  beforeEach(async () => {
    service = await startLaterService(running.service.apiUrl);
  });
  afterEach(() => service.stop());

  const client = () =>
    createClient({
      url: service.url,
      credentials: noCredentials(running.tenant.organisation),
    });
  const { problem, cause, ...values } = laterValues;

  it('takes values and fields that it does not know as they are', async () => {
    const { deployment: made } = await client().createDeployment(deploymentBody());
    const { deployment } = await client().getDeployment(made.id);
    expect(deployment).to.include({ name: 'checkout', ...values });
    expect(deployment).to.have.property('later');
    const {
      events: [event],
    } = await client().listDeploymentEvents(made.id);
    expect(event).to.include({ cause, to_status: values.status });
    const { deployments } = await client().listDeployments();
    expect(deployments[0]).to.include(values);
  });

  it('goes by the status of a problem of a kind that it does not know', async () => {
    const unknown = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
    const error = await rejection(client().getDeployment(unknown), ProblemError);
    expect(error).to.include({ status: 404, type: problem, retryable: false });
  });

  it('waits on while the status is one that it does not know', async () => {
    const { tenant } = running;
    const { id } = await tenant.create();
    const seen: string[] = [];
    const { status } = await client().waitFor(id, ['deployed'], {
      intervalMs: 5,
      onChange: ({ status: now }) => {
        seen.push(now);
        service.later = false;
        if (seen.length === 1) void tenant.move(id, 'deployed');
      },
    });
    expect(status).to.equal('deployed');
    expect(seen).to.deep.equal(['paused', 'deployed']);
  });
});
