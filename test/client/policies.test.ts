import { expect } from 'chai';
import { ProblemError } from '../../src/client/client.js';
import type { PolicyPut } from '../../src/client/client.js';
import { rejection, runBehindGateway } from '../support/client.js';
import { reset } from '../support/faults.js';

describe('the client, for policies,', () => {
  const through = runBehindGateway();
  const policy: PolicyPut = {
    scope: { environment: 'production' },
    rules: [{ who: { person: { role: 'admin' } }, may: ['start'] }],
  };

  it('puts, reads, lists and deletes them', async () => {
    const client = through.client();
    const put = await client.putPolicy('production', policy);
    expect(put.policy).to.deep.include({ name: 'production', ...policy, revision: 1 });
    expect(await client.getPolicy('production')).to.deep.equal(put);
    expect(await client.getPolicy('production', { ifNoneMatch: put.etag })).to.deep.equal({
      policy: undefined,
      etag: put.etag,
    });
    expect(await client.listPolicies()).to.deep.equal({ policies: [put.policy], next: undefined });
    await client.deletePolicy('production', { ifMatch: put.etag });
    const gone = await rejection(client.getPolicy('production'), ProblemError);
    expect(gone.status).to.equal(404);
  });

  it('lists all of them, and all of their events, over all pages', async () => {
    const client = through.client();
    for (const name of ['c', 'a', 'b']) await client.putPolicy(name, policy);
    await client.putPolicy('a', { ...policy, scope: {} });
    const names: string[] = [];
    for await (const { name } of client.listAllPolicies({ limit: 1 })) names.push(name);
    expect(names).to.deep.equal(['a', 'b', 'c']);
    const types: string[] = [];
    for await (const { type } of client.listAllPolicyEvents('a', { limit: 1 })) types.push(type);
    expect(types).to.deep.equal(['created', 'replaced']);
  });

  it('deletes one whose response got lost, and none that there was not', async () => {
    const client = through.client();
    await client.putPolicy('production', policy);
    through.gateway.after.set(reset(), { times: 1 });
    await client.deletePolicy('production');
    const error = await rejection(client.deletePolicy('production'), ProblemError);
    expect(error.status).to.equal(404);
  });

  it('explains, and refuses a change on top of another', async () => {
    const client = through.client();
    const { etag } = await client.putPolicy('production', policy);
    const place = { name: 'checkout', environment: 'production', provider: 'gcp' } as const;
    const caller = { person: { login: 'mona' } };
    const decision = await client.checkPolicies({ action: 'start', ...place, caller });
    expect(decision).to.deep.include({ allowed: false, policies: ['production'] });
    await client.putPolicy('production', { ...policy, scope: {} }, { ifMatch: etag });
    const lost = await rejection(
      client.putPolicy('production', policy, { ifMatch: etag }),
      ProblemError,
    );
    expect(lost.status).to.equal(412);
  });
});
