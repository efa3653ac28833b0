import { expect } from 'chai';
import type { Deployment, DeploymentEvent } from '../../src/domain/deployments/deployment.js';
import { authenticateAll, send } from '../support/authenticated-service.js';
import type { Sender } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { releaseClaims } from '../support/oidc/actions-claims.js';

describe('an event', () => {
  const running = authenticateAll();

  const created = async (sender: Sender): Promise<Deployment> =>
    (
      await send(running.now.service, sender, 'post')
        .send(deploymentBody({ name: sender.token.slice(-20) }))
        .expect(201)
    ).body as Deployment;
  const events = async (sender: Sender, id: string): Promise<DeploymentEvent[]> =>
    (await send(running.now.service, sender, 'get', `/v1/deployments/${id}/events`).expect(200))
      .body as DeploymentEvent[];

  const { sha, ...claims } = releaseClaims;

  it('says what the token of a job says: ids, ref, commit, run and attempt', async () => {
    const job = { token: running.now.issuer.sign({ ...claims, sha }) };
    const { id } = await created(job);
    const retry = { token: running.now.issuer.sign({ ...claims, sha, run_attempt: '3' }) };
    await send(running.now.service, retry, 'patch', `/v1/deployments/${id}`)
      .send({ notes: 'new' })
      .expect(200);

    const [registered, changed] = await events(job, id);
    expect(registered).to.include({ ...claims, commit_sha: sha });
    expect(changed).to.include({ ...claims, commit_sha: sha, run_attempt: '3' });
  });

  it('of a person has the login, and nothing that a person has not', async () => {
    const token = running.now.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
    const mona = { token, organisation: 'acme' };
    const { id } = await created(mona);

    const [registered] = await events(mona, id);
    expect(registered).to.include({
      actor: 'mona',
      repository: null,
      repository_id: null,
      workflow: null,
      ref: null,
      commit_sha: null,
      run_id: null,
      run_attempt: null,
    });
  });
});
