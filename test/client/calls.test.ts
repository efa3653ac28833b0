import { expect } from 'chai';
import { ProblemError } from '../../src/client/client.js';
import type { Deployment, ListQuery } from '../../src/client/client.js';
import { rejection, runBehindGateway } from '../support/client.js';
import { deploymentBody } from '../support/deployments.js';

describe('the client', () => {
  const through = runBehindGateway();

  it('registers, reads, changes and traces a deployment', async () => {
    const client = through.client();
    const { deployment, etag, replayed } = await client.createDeployment(deploymentBody());
    expect(deployment).to.deep.equal(await through.running.tenant.get(deployment.id));
    expect(replayed).to.equal(false);
    expect(await client.getDeployment(deployment.id)).to.deep.equal({ deployment, etag });

    const changed = await client.updateDeployment(deployment.id, { status: 'in_progress' });
    expect(changed.deployment.status).to.equal('in_progress');
    expect(changed.etag).to.match(/^"2-/);

    const { events, next } = await client.listDeploymentEvents(deployment.id);
    expect(next).to.equal(undefined);
    expect(events.map(({ to_status: to }) => to)).to.deep.equal(['scheduled', 'in_progress']);
    const lineage = await client.getDeploymentLineage(deployment.id);
    expect(lineage).to.deep.equal({
      deployment: changed.deployment,
      copied_from: [],
      replaced: [],
      replaced_by: [],
      more: { copied_from: false, replaced: false, replaced_by: false },
    });
  });

  it('rolls back a taxonomy, and a deployment by its id', async () => {
    const { tenant } = through.running;
    const client = through.client();
    for (const version of ['1', '2', '3']) await tenant.create({ version }, 'deployed');
    const taxonomy = { name: 'checkout', environment: 'production', provider: 'gcp' } as const;
    const first = await client.rollbackTaxonomy({ ...taxonomy, target_version: '1' });
    expect(first.deployment).to.include({ version: '1', trigger: 'rollback' });
    expect(first.replayed).to.equal(false);
    await client.updateDeployment(first.deployment.id, { status: 'deployed' });
    const second = await client.rollbackDeployment(first.deployment.id, { target_version: '2' });
    expect(second.deployment).to.include({
      version: '2',
      rollback_from_deployment_id: first.deployment.id,
    });
  });

  it('says why it rolls back, and sends no body when it does not', async () => {
    const { tenant } = through.running;
    const client = through.client();
    for (const version of ['1', '2']) await tenant.create({ version }, 'deployed');
    const place = { name: 'checkout', environment: 'production', provider: 'gcp' } as const;
    const { deployment } = await client.rollbackTaxonomy(place, { reason: 'Errors at the door' });
    expect(deployment.notes).to.include('Errors at the door');
    const { events } = await client.listDeploymentEvents(deployment.id);
    expect(events[0]).to.include({ cause: 'rollback', reason: 'Errors at the door' });
    await client.updateDeployment(deployment.id, { status: 'deployed' });
    await rejection(client.rollbackDeployment(deployment.id), ProblemError);
    const [first, , , last] = through.gateway.seen;
    expect(first?.headers).to.include({ 'content-type': 'application/json' });
    expect(last?.path).to.match(/rollback$/);
    expect(last?.headers).not.to.have.property('content-type');
  });

  it('reads a deployment only if it has changed', async () => {
    const client = through.client();
    const { deployment, etag } = await client.createDeployment(deploymentBody());
    const { id } = deployment;
    expect(await client.getDeployment(id, { ifNoneMatch: etag })).to.deep.equal({
      deployment: undefined,
      etag,
    });
    const changed = await client.updateDeployment(id, { notes: 'new' });
    expect(await client.getDeployment(id, { ifNoneMatch: etag })).to.deep.equal(changed);
  });

  it('lists a page with its cursor, and everything page by page', async () => {
    const { tenant } = through.running;
    const client = through.client();
    const versions = ['1', '2', '3', '4', '5'];
    for (const version of versions) await tenant.create({ version });
    await tenant.create({ name: 'other' });
    const query = { name: 'checkout', limit: 2 };

    const page = await client.listDeployments(query);
    expect(page.deployments.map(({ version }) => version)).to.deep.equal(['5', '4']);
    const next = await client.listDeployments({ ...query, cursor: page.next ?? '' });
    expect(next.deployments.map(({ version }) => version)).to.deep.equal(['3', '2']);

    const all: string[] = [];
    for await (const { version } of client.listAllDeployments(query)) all.push(version);
    expect(all).to.deep.equal(versions.reverse());
  });

  it('lists what has one status or one of several, and one version', async () => {
    const { tenant } = through.running;
    const client = through.client();
    const statuses = ['scheduled', 'cancelled', 'failed'] as const;
    for (const status of statuses) await tenant.create({ version: status }, status);
    const found = async (query: ListQuery) =>
      (await client.listDeployments(query)).deployments.map(({ version }) => version);
    expect(await found({ status: 'failed' })).to.deep.equal(['failed']);
    expect(await found({ status: ['scheduled', 'cancelled'] })).to.deep.equal([
      'cancelled',
      'scheduled',
    ]);
    expect(await found({ version: 'scheduled' })).to.deep.equal(['scheduled']);
    expect(through.gateway.seen[1]?.path).to.equal(
      '/v1/deployments?status=scheduled&status=cancelled',
    );
  });

  it('lists the events of a deployment page by page', async () => {
    const { tenant } = through.running;
    const client = through.client();
    const { id } = await tenant.create();
    for (const notes of ['1', '2', '3', '4']) await client.updateDeployment(id, { notes });
    through.gateway.seen.length = 0;
    const revisions: number[] = [];
    for await (const { revision } of client.listAllDeploymentEvents(id, { limit: 2 })) {
      revisions.push(revision);
    }
    expect(revisions).to.deep.equal([1, 2, 3, 4, 5]);
    expect(through.gateway.seen).to.have.length(3);
    const { events } = await client.listDeploymentEvents(id);
    expect(events.at(-1)).to.deep.include({ type: 'changed', changed: ['notes'], revision: 5 });
  });

  it('asks for a page only when the one before is used up', async () => {
    for (const version of ['1', '2', '3']) await through.running.tenant.create({ version });
    for await (const { version } of through.client().listAllDeployments({ limit: 1 })) {
      if (version === '2') break;
    }
    expect(through.gateway.seen).to.have.length(2);
  });

  it('lists nothing without an error', async () => {
    const found: Deployment[] = [];
    for await (const one of through.client().listAllDeployments()) found.push(one);
    expect(found).to.deep.equal([]);
  });

  it('sends what a query or a body says, whatever characters are in it', async () => {
    const client = through.client();
    const name = 'a/b?c=d&e f#g%20+ü"';
    const { deployment } = await client.createDeployment(deploymentBody({ name }));
    expect(deployment.name).to.equal(name);
    const { deployments } = await client.listDeployments({ name });
    expect(deployments).to.deep.equal([deployment]);
  });

  it('leaves out what is undefined', async () => {
    const query: Record<string, string | undefined> = { name: undefined, region: undefined };
    await through.client().listDeployments({ limit: 5, ...query });
    expect(through.gateway.seen[0]?.path).to.equal('/v1/deployments?limit=5');
  });

  it('keeps the path of a service that is not at the top of its server', async () => {
    const client = through.client({ url: `${through.gateway.url}/queue/` });
    const error = await rejection(client.listDeployments(), ProblemError);
    expect(error.problem.instance).to.equal('/queue/v1/deployments');
  });

  for (const id of ['', '.', '..']) {
    it(`refuses ${JSON.stringify(id)} as an id, which would be another path`, async () => {
      const error = await rejection(through.client().getDeployment(id), TypeError);
      expect(error.message).to.equal('getDeployment: id must not be empty');
      expect(through.gateway.seen).to.deep.equal([]);
    });
  }

  it('takes a path for an id at its word', async () => {
    const error = await rejection(through.client().getDeployment('../health?x'), ProblemError);
    expect(error.type).to.equal('urn:problem-type:deployment-queue:contract-violation');
  });

  describe('when the service refuses', () => {
    it('rejects with the problem, its type and status, and the request id', async () => {
      const client = through.client();
      const { id } = await through.running.tenant.create({}, 'skipped');
      const call = client.updateDeployment(id, { status: 'deployed' }, { requestId: 'run-42' });
      const error = await rejection(call, ProblemError);
      expect(error.problem).to.deep.equal({
        type: 'urn:problem-type:deployment-queue:transition-not-allowed',
        title: 'Conflict',
        status: 409,
        detail: 'A deployment that is skipped cannot become deployed; allowed: scheduled',
        instance: `/v1/deployments/${id}`,
      });
      expect(error).to.include({
        message: error.problem.detail,
        type: error.problem.type,
        status: 409,
        code: 'problem',
        requestId: 'run-42',
        retryable: false,
        afterLostResponse: false,
      });
      expect(through.gateway.seen).to.have.length(1);
    });

    it('names each fault of a request that breaks the contract', async () => {
      const body = JSON.parse('{"name": "", "version": "1"}') as ReturnType<typeof deploymentBody>;
      const error = await rejection(through.client().createDeployment(body), ProblemError);
      expect(error.status).to.equal(422);
      expect(error.problem.errors).to.deep.include({
        pointer: '#/name',
        message: 'must NOT have fewer than 1 characters',
      });
    });

    it('tells the present entity tag when ifMatch names another', async () => {
      const client = through.client();
      const { deployment, etag } = await client.createDeployment(deploymentBody());
      const { id } = deployment;
      const present = await client.updateDeployment(id, { notes: 'first' }, { ifMatch: etag });
      const late = client.updateDeployment(id, { notes: 'late' }, { ifMatch: etag });
      const error = await rejection(late, ProblemError);
      expect(error).to.include({ status: 412, etag: present.etag });
      const again = { ifMatch: present.etag };
      expect((await client.updateDeployment(id, { notes: 'x' }, again)).etag).to.match(/^"3-/);
    });
  });

  describe('with an Idempotency-Key', () => {
    it('makes a key of its own for each call that creates', async () => {
      const client = through.client();
      await client.createDeployment(deploymentBody());
      await client.createDeployment(deploymentBody());
      const keys = through.gateway.seen.map(({ headers }) => headers['idempotency-key']);
      expect(new Set(keys)).to.have.property('size', 2);
      expect(keys).not.to.include(undefined);
      expect(await through.running.tenant.list()).to.have.length(2);
    });

    it("takes the caller's key, and says when the answer is an earlier one", async () => {
      const client = through.client();
      const options = { idempotencyKey: 'run-42' };
      const first = await client.createDeployment(deploymentBody(), options);
      const again = await through.client().createDeployment(deploymentBody(), options);
      expect(again).to.deep.equal({ ...first, replayed: true });
      const other = client.createDeployment(deploymentBody({ version: '2' }), options);
      const error = await rejection(other, ProblemError);
      expect(error.type).to.equal('urn:problem-type:deployment-queue:idempotency-key-reused');
    });

    it('sends none where nothing is created', async () => {
      const client = through.client();
      const { id } = await through.running.tenant.create();
      await client.getDeployment(id);
      await client.updateDeployment(id, { status: 'deployed' });
      for (const { headers } of through.gateway.seen) {
        expect(headers).not.to.have.property('idempotency-key');
      }
    });
  });

  for (const url of [
    '',
    'queue.example.com',
    'ftp://queue.example.com',
    'https://user:secret@queue.example.com',
    'https://queue.example.com/?token=secret',
    'https://queue.example.com/v1',
  ]) {
    it(`refuses ${JSON.stringify(url)} as its base URL, without repeating it`, () => {
      expect(() => through.client({ url })).to.throw(TypeError, /^url must/);
      expect(() => through.client({ url })).not.to.throw(/secret/);
    });
  }
});
