import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { authenticateAll, send } from '../support/authenticated-service.js';
import type { Sender } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem } from '../support/http.js';
import { releaseClaims as claims } from '../support/oidc/actions-claims.js';
import type { Claims } from '../support/oidc/actions-claims.js';

describe('an Idempotency-Key', () => {
  const running = authenticateAll();

  const job = (of: Claims = {}): Sender => ({
    token: running.now.issuer.sign({ ...claims, ...of }),
  });
  const person = (login: string): Sender => ({
    token: running.now.gitHub.addUser({ login, memberships: { acme: 'active' } }),
    organisation: 'acme',
  });
  const create = async (sender: Sender, key: string, version = '1') =>
    send(running.now.service, sender, 'post')
      .set('Idempotency-Key', key)
      .send(deploymentBody({ version }));

  /** The id of what is created, or was, and whether it was. */
  const outcome = async (sender: Sender, key: string, version?: string) => {
    const response = await create(sender, key, version);
    expect(response.status).to.equal(201);
    const again = response.headers['idempotent-replayed'] === 'true';
    return { id: (response.body as Deployment).id, again };
  };

  it('belongs to a repository: another one has the same key for itself', async () => {
    const mine = await outcome(job(), 'repositories');
    const theirs = await outcome(
      job({ repository: 'acme/basket', repository_id: '7' }),
      'repositories',
      '2',
    );
    expect(theirs.again).to.equal(false);
    expect(theirs.id).not.to.equal(mine.id);
    expect(await outcome(job(), 'repositories')).to.deep.equal({ id: mine.id, again: true });
  });

  it('belongs to a person, and not to a job that the same person started', async () => {
    const [octocat, mona] = [person('octocat'), person('mona')];
    const first = await outcome(octocat, 'people');
    for (const other of [mona, job()]) {
      const theirs = await outcome(other, 'people', '2');
      expect(theirs.again).to.equal(false);
    }
    expect(await outcome(octocat, 'people')).to.deep.equal({ id: first.id, again: true });
  });

  const sameCaller: [what: string, Claims][] = [
    ['another run', { run_id: '1002', run_attempt: '1' }],
    ['another attempt', { run_attempt: '3' }],
    ['another branch', { ref: 'refs/heads/main', sha: 'b'.repeat(40) }],
    ['another workflow', { workflow: 'nightly' }],
    ['another actor', { actor: 'mona', actor_id: '2' }],
  ];
  for (const [what, of] of sameCaller) {
    it(`is the same in ${what} of the repository`, async () => {
      const key = what.replaceAll(' ', '-');
      const first = await outcome(job(), key);
      expect(await outcome(job(of), key)).to.deep.equal({ id: first.id, again: true });
      const response = await create(job(of), key, '2');
      expectProblem(response, 422, 'idempotency-key-reused', /use a new key$/);
    });
  }
});
