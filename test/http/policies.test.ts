import { expect } from 'chai';
import type { Response } from 'supertest';
import type { AccessDecision, Action, PolicyPut } from '../../src/domain/policies/policy.js';
import { authenticateAll, send } from '../support/authenticated-service.js';
import type { Method, Sender } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem } from '../support/http.js';
import { everybody, places, policiesOf, rows, sets } from '../support/policies/access-rows.js';
import type { Who } from '../support/policies/access-rows.js';

/** Organisations, each with policies of its own. */
let organisations = 0;

describe('policies', () => {
  const running = authenticateAll();
  let organisation = '';

  beforeEach(() => {
    organisation = `acme${(organisations += 1)}`;
  });

  /** Everybody is of the organisation that the test has for itself. */
  function senderOf({ job, person }: Who): Sender {
    const { issuer, gitHub } = running.now;
    if (job !== undefined) {
      const claims = { environment: undefined, job_workflow_ref: undefined, ...job };
      return { token: issuer.sign({ ...claims, repository_owner: organisation }) };
    }
    const { login = '', role = 'member' } = person ?? {};
    const token = gitHub.addUser({
      login,
      memberships: { [organisation]: 'active' },
      roles: { [organisation]: role },
    });
    return { token, organisation };
  }
  const owner = () => senderOf(everybody['an owner']);
  const member = () => senderOf(everybody.mona);

  const call = (
    sender: Sender,
    method: Method,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): PromiseLike<Response> => {
    const request = send(running.now.service, sender, method, path).set(headers);
    return body === undefined ? request : request.send(body);
  };
  const at = (name: string) => `/v1/policies/${name}`;
  const put = (name: string, body: object, headers = {}, sender = owner()) =>
    call(sender, 'put', at(name), body, headers);
  const production: PolicyPut = {
    scope: { environment: 'production' },
    rules: [{ who: { person: { role: 'admin' } }, may: ['start'] }],
  };

  describe('decide, as the table says,', () => {
    /** A deployment at a place, registered while there were no policies. */
    async function register(place: object): Promise<string> {
      const body = { ...deploymentBody({ version: '1' }), ...place };
      const created = await call(owner(), 'post', '/v1/deployments', body);
      expect(created.status).to.equal(201);
      return String(created.body.id);
    }

    /** Takes the action for real. */
    async function attempt(
      who: Who,
      action: Action,
      place: (typeof places)[keyof typeof places],
      id: string,
    ): Promise<Response> {
      const sender = senderOf(who);
      const move = (status: string) => call(sender, 'patch', `/v1/deployments/${id}`, { status });
      switch (action) {
        case 'read':
          return call(sender, 'get', `/v1/deployments/${id}`);
        case 'register':
          return call(sender, 'post', '/v1/deployments', {
            ...deploymentBody({ version: '2' }),
            ...place,
          });
        case 'start':
          return move('in_progress');
        case 'report':
          return move('failed');
        case 'cancel':
          return move('cancelled');
        case 'rollback': {
          const query = new URLSearchParams(place).toString();
          return call(sender, 'post', `/v1/deployments/rollback?${query}`);
        }
        case 'lock':
          return call(sender, 'post', '/v1/locks', { scope: place, reason: 'an incident' });
        case 'approve':
          return call(sender, 'post', `/v1/deployments/${id}/reject`);
        case 'override':
          return call(sender, 'patch', `/v1/deployments/${id}`, {
            status: 'in_progress',
            override: { reason: 'the fix' },
          });
        case 'configure':
          return put('probe', { ...production, scope: { name: 'nothing' } }, {}, sender);
      }
    }

    for (const [set, table] of Object.entries(rows)) {
      it(`with ${set}`, async () => {
        const ids = [];
        for (const [, , where] of table) ids.push(await register(places[where]));
        for (const [name, policy] of policiesOf(set as keyof typeof sets)) {
          expect((await put(name, policy)).status).to.equal(201);
        }

        for (const [nth, [who, action, where, expected]] of table.entries()) {
          const what = `${who}: ${action} in ${where}`;
          const place = places[where];
          const response = await attempt(everybody[who], action, place, ids[nth] ?? '');
          const caller = everybody[who];
          const checked = await call(member(), 'post', '/v1/policies/check', {
            action,
            ...place,
            caller,
          });

          expect(checked.status, what).to.equal(200);
          const { allowed, policies, detail } = checked.body as AccessDecision;
          expect(allowed, what).to.equal(expected.startsWith('allowed'));
          if (allowed) {
            // Nothing has run anywhere, so a rollback that is allowed finds nothing.
            expect(response.status, what).to.be.oneOf(action === 'rollback' ? [404] : [200, 201]);
          } else {
            expectProblem(response, 403, 'forbidden');
            const { access } = response.body as { access: AccessDecision };
            expect(access, what).to.include({ action, allowed: false });
            expect(access.policies, what).to.deep.equal(policies);
            expect(response.body, what).to.have.property('detail').that.includes(access.detail);
            expect(detail.split(': ').at(-1)).to.equal(access.detail.split(': ').at(-1));
          }
          if (action === 'configure') await call(owner(), 'delete', at('probe'));
        }
      });
    }
  });

  it('are created, read, replaced, listed and deleted, each change with an event', async () => {
    const created = await put('production', production);
    expect(created.status).to.equal(201);
    expect(created.headers).to.include({ location: at('production') });
    expect(created.body).to.deep.include({ name: 'production', revision: 1, ...production });
    expect(await call(member(), 'get', at('production')))
      .to.have.property('body')
      .that.deep.equals(created.body);

    const replaced = await put('production', { ...production, scope: {} });
    expect(replaced.status).to.equal(200);
    expect(replaced.body).to.deep.include({ revision: 2, scope: {} });
    expect(replaced.headers['etag']).not.to.equal(created.headers['etag']);
    await put('another', production);
    const listed = await call(member(), 'get', '/v1/policies');
    expect(listed.body.map(({ name }: { name: string }) => name)).to.deep.equal([
      'another',
      'production',
    ]);

    const removed = await call(owner(), 'delete', at('production'));
    expect(removed.status).to.equal(204);
    expect(removed.text).to.equal('');
    expectProblem(await call(owner(), 'get', at('production')), 404, 'policy-not-found');
    expectProblem(await call(owner(), 'delete', at('production')), 404, 'policy-not-found');

    const events = await call(member(), 'get', `${at('production')}/events`);
    expect(
      events.body.map(({ type, revision, actor }: Record<string, unknown>) => [
        type,
        revision,
        actor,
      ]),
    ).to.deep.equal([
      ['created', 1, 'olga'],
      ['replaced', 2, 'olga'],
      ['deleted', 4, 'olga'],
    ]);
    expect(events.body[2]).to.include({ scope: null, rules: null });
    expectProblem(await call(member(), 'get', `${at('unknown')}/events`), 404, 'policy-not-found');
  });

  it('are listed and told of in pages', async () => {
    for (const name of ['c', 'a', 'b']) await put(name, production);
    for (const name of ['x', 'y']) await put('a', { ...production, scope: { name } });
    for (const [path, count] of [
      ['/v1/policies?limit=2', 3],
      [`${at('a')}/events?limit=1`, 3],
    ] as const) {
      const seen: unknown[] = [];
      for (let next: string | undefined = path; next !== undefined;) {
        const page: Response = await call(member(), 'get', next);
        expect(page.status).to.equal(200);
        seen.push(...page.body);
        next = /<(.*)>/.exec(page.headers['link'] ?? '')?.[1];
      }
      expect(new Set(seen.map((one) => JSON.stringify(one)))).to.have.property('size', count);
    }
  });

  it('are changed under a condition, or not at all', async () => {
    const first = await put('production', production);
    const etag = first.headers['etag'] ?? '';
    expectProblem(await put('other', production, { 'If-Match': '*' }), 404, 'policy-not-found');
    const other = { ...production, scope: {} };
    const lost = await put('production', other, { 'If-Match': '"9-x"' });
    expectProblem(lost, 412, 'precondition-failed');
    expect(lost.headers).to.include({ etag });
    expect((await put('production', other, { 'If-Match': etag })).status).to.equal(200);
    const gone = await call(owner(), 'delete', at('production'), undefined, { 'If-Match': etag });
    expectProblem(gone, 412, 'precondition-failed');
    const same = await call(member(), 'get', at('production'), undefined, {
      'If-None-Match': lost.headers['etag'] ?? '',
    });
    expect(same.status).to.equal(200);
  });

  it('that are as sent already are not changed', async () => {
    const first = await put('production', production);
    const again = await put('production', production);
    expect(again.status).to.equal(200);
    expect(again.headers['etag']).to.equal(first.headers['etag']);
    const events = await call(member(), 'get', `${at('production')}/events`);
    expect(events.body).to.have.length(1);
  });

  it('of one organisation are nothing to another', async () => {
    await put('production', { ...production, scope: {} });
    organisation = `acme${(organisations += 1)}`;
    expect((await call(member(), 'get', '/v1/policies')).body).to.deep.equal([]);
    expectProblem(await call(member(), 'get', at('production')), 404, 'policy-not-found');
    const created = await call(member(), 'post', '/v1/deployments', deploymentBody());
    expect(created.status).to.equal(201);
  });

  it('are asked for each part of a change, before the life table and before a condition', async () => {
    const { body } = await call(owner(), 'post', '/v1/deployments', deploymentBody());
    const path = `/v1/deployments/${String(body.id)}`;
    const rules = [{ who: { person: { login: 'mona' } }, may: ['cancel'] }];
    await put('production', { ...production, rules });

    const both = await call(member(), 'patch', path, { status: 'cancelled', notes: 'x' });
    expectProblem(both, 403, 'forbidden', /may not report/);
    expect((await call(member(), 'patch', path, { status: 'cancelled' })).status).to.equal(200);
    const impossible = { status: 'deployed' };
    expectProblem(await call(member(), 'patch', path, impossible), 403, 'forbidden');
    const condition = { 'If-Match': '"9-x"' };
    const conditional = await call(member(), 'patch', path, impossible, condition);
    expectProblem(conditional, 403, 'forbidden');
    const unknown = '/v1/deployments/019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
    const missing = await call(member(), 'patch', unknown, impossible);
    expectProblem(missing, 404, 'deployment-not-found');
    const nothing = { name: 'nothing', environment: 'production', provider: 'gcp' };
    const query = new URLSearchParams(nothing).toString();
    const rollback = await call(member(), 'post', `/v1/deployments/rollback?${query}`);
    expectProblem(rollback, 403, 'forbidden');
  });

  it('keep a first response from who may no longer have it', async () => {
    const key = { 'Idempotency-Key': 'once' };
    const create = () => call(member(), 'post', '/v1/deployments', deploymentBody(), key);
    expect((await create()).status).to.equal(201);
    expect((await create()).headers).to.include({ 'idempotent-replayed': 'true' });
    await put('production', production);
    expectProblem(await create(), 403, 'forbidden');
    await call(owner(), 'delete', at('production'));
    expect((await create()).headers).to.include({ 'idempotent-replayed': 'true' });
  });

  it('refuse with who can change that', async () => {
    await put('production', production);
    const refused = await call(member(), 'post', '/v1/deployments', deploymentBody());
    expectProblem(refused, 403, 'forbidden', /^mona, a member, may not register in name=/);
    expect(refused.body.access).to.deep.include({
      decided_by: 'policy',
      policy: null,
      rule: null,
      policies: ['production'],
      changeable_by: `the owners of ${organisation}`,
    });
    const configure = await put('mine', production, {}, member());
    expectProblem(configure, 403, 'forbidden', new RegExp(`the owners of ${organisation} can`));
  });

  for (const [what, name, body, pointer] of [
    ['an empty who', 'a', { ...production, rules: [{ who: {}, may: ['start'] }] }, 'who'],
    ['an empty job', 'a', { ...production, rules: [{ who: { job: {} }, may: ['start'] }] }, 'job'],
    [
      'a job and a person',
      'a',
      {
        ...production,
        rules: [{ who: { job: { ref: 'x' }, person: { login: 'y' } }, may: ['start'] }],
      },
      'who',
    ],
    [
      'a grant of read',
      'a',
      { ...production, rules: [{ who: { job: { ref: 'x' } }, may: ['read'] }] },
      'may',
    ],
    ['a part that there is not', 'a', { ...production, scope: { team: 'x' } }, 'scope'],
    ['no rules', 'a', { ...production, rules: [] }, 'rules'],
    ['an environment alone', 'a', unboundEnvironment(), 'environment'],
    ['a name in capitals', 'Production', production, 'name'],
  ] as const) {
    it(`are refused with ${what}`, async () => {
      const response = await put(name, body);
      expectProblem(response, 422, 'contract-violation');
      expect(JSON.stringify(response.body.errors)).to.include(pointer);
    });
  }

  it('count no role but that of an owner for more than membership', async () => {
    const { gitHub } = running.now;
    const token = gitHub.addUser({
      login: 'bill',
      memberships: { [organisation]: 'active' },
      roles: { [organisation]: 'billing_manager' },
    });
    expectProblem(await put('a', production, {}, { token, organisation }), 403, 'forbidden');
  });
});

function unboundEnvironment(): object {
  const who = { job: { environment: 'production' } };
  return { scope: {}, rules: [{ who, may: ['start'] }] };
}
