import { expect } from 'chai';
import type { Response } from 'supertest';
import { authenticateEach, send } from '../support/authenticated-service.js';
import type { Sender } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem } from '../support/http.js';
import { notAllowed } from '../support/not-allowed.js';

const rollback = '/v1/deployments/rollback?name=checkout&environment=production&provider=gcp';

describe('the owner on GitHub, not its login, says whose data it is:', () => {
  const running = authenticateEach();

  /** A job of the repository `acme/shop`, whoever owns it. */
  const job = (id: number, owner = 'acme'): Sender => ({
    token: running.now.issuer.sign({
      repository_owner: owner,
      repository_owner_id: String(id),
      repository: `${owner}/shop`,
    }),
  });
  const person = (organisation: string, login = 'mona'): Sender => {
    const memberships = { [organisation]: 'active' } as const;
    return { token: running.now.gitHub.addUser({ login, memberships }), organisation };
  };
  const create = (sender: Sender, version = '1', key?: string) => {
    const request = send(running.now.service, sender, 'post');
    return (key === undefined ? request : request.set('Idempotency-Key', key)).send(
      deploymentBody({ version }),
    );
  };
  const get = (sender: Sender, path = '/v1/deployments') =>
    send(running.now.service, sender, 'get', path);
  const versions = async (sender: Sender): Promise<string[]> => {
    const { body } = (await get(sender).expect(200)) as { body: { version: string }[] };
    return body.map(({ version }) => version);
  };

  /** Everything that there is to do with a deployment of another tenant. */
  async function reachFor(sender: Sender, id: string): Promise<Response[]> {
    const { service } = running.now;
    const at = `/v1/deployments/${id}`;
    return [
      await get(sender, at),
      await get(sender, `${at}/lineage`),
      await get(sender, `${at}/events`),
      await send(service, sender, 'patch', at).send({ status: 'failed' }),
      await send(service, sender, 'post', `${at}/rollback`),
    ];
  }

  it('a token of the same login with another id reads, changes, lists and replays nothing', async () => {
    const first = await create(job(65), '1', 'key').expect(201);
    expect(first.body.organisation).to.equal('acme');
    const { id } = first.body as { id: string };
    const intruder = job(66);

    for (const response of await reachFor(intruder, id)) {
      expectProblem(response, 404, 'deployment-not-found');
      expect(response.text).not.to.include('"acme"');
    }
    await send(running.now.service, intruder, 'post', rollback).expect(404);
    expect(await versions(intruder)).to.deep.equal([]);
    // The same request under the same key of the same repository, as far as names and its id say.
    const theirs = await create(intruder, '1', 'key').expect(201);
    expect(theirs.body.id).not.to.equal(id);
    expect(theirs.headers).not.to.have.property('idempotent-replayed');
    expect(theirs.body.organisation).to.equal('acme~66');

    expect(await versions(job(65))).to.deep.equal(['1']);
    const mine = await get(job(65), `/v1/deployments/${id}`).expect(200);
    expect(mine.body).to.deep.equal(first.body);
    expectProblem(
      await get(job(65), `/v1/deployments/${theirs.body.id as string}`),
      404,
      'deployment-not-found',
    );
  });

  it('an organisation that GitHub renames keeps everything, by both ways in', async () => {
    const { gitHub, service } = running.now;
    const mona = person('Acme');
    const { id } = (await create(mona, '1', 'key').expect(201)).body as { id: string };
    await create(job(65), '2').expect(201);

    gitHub.renameOrganisation('Acme', 'Acme-Inc');
    const renamed = { ...mona, organisation: 'acme-inc' };
    for (const sender of [job(65, 'Acme-Inc'), renamed]) {
      expect(await versions(sender)).to.deep.equal(['2', '1']);
      const { body } = await get(sender, `/v1/deployments/${id}`).expect(200);
      expect(body.organisation).to.equal('acme');
    }
    const replayed = await create(renamed, '1', 'key').expect(201);
    expect(replayed.body.id).to.equal(id);
    const changed = await send(service, renamed, 'patch', `/v1/deployments/${id}`).send({
      status: 'deployed',
    });
    expect(changed.status).to.equal(200);
    expect((await create(job(65, 'Acme-Inc'), '3').expect(201)).body.organisation).to.equal('acme');
  });

  it('who takes a login over later, by either way, gets nothing of whoever had it', async () => {
    const { gitHub } = running.now;
    const mona = person('acme');
    const { id } = (await create(mona).expect(201)).body as { id: string };
    gitHub.renameOrganisation('acme', 'acme-inc');

    const hubot = person('acme', 'hubot');
    const theirs = await create(hubot, '9').expect(201);
    const { organisation } = theirs.body as { organisation: string };
    expect(organisation).to.match(/^acme~[1-9]\d+$/);
    const [, ownerId] = organisation.split('~');
    const theirJob = job(Number(ownerId));
    for (const sender of [hubot, theirJob]) {
      expect(await versions(sender)).to.deep.equal(['9']);
      for (const response of await reachFor(sender, id)) {
        expectProblem(response, 404, 'deployment-not-found');
      }
    }
    expect(await versions(job(65, 'acme-inc'))).to.deep.equal(['1']);
    expect(
      await versions({ ...person('acme-inc', 'mona'), organisation: 'acme-inc' }),
    ).to.deep.equal(['1']);
  });

  it('the first one there is the tenant, whichever way it came', async () => {
    await create(person('globex'), '1').expect(201);
    const first = await create(
      { token: running.now.issuer.sign({ repository_owner: 'Globex' }) },
      '2',
    );
    expect(first.body.organisation).to.equal('globex');
    const late = await create(job(4711, 'globex'), '3').expect(201);
    expect(late.body.organisation).to.equal('globex~4711');
  });

  it('many that come at once agree', async () => {
    const senders = Array.from({ length: 24 }, (_, nth) => job(nth % 2 === 0 ? 65 : 66));
    const created = await Promise.all(senders.map((sender) => create(sender)));
    const names = created.map(({ body }) => (body as { organisation: string }).organisation);
    const [even, odd] = [0, 1].map(
      (rest) => new Set(names.filter((_name, nth) => nth % 2 === rest)),
    );
    const pairs = [
      [['acme'], ['acme~66']],
      [['acme~65'], ['acme']],
    ];
    expect(pairs).to.deep.include([[...(even ?? [])], [...(odd ?? [])]]);
  });

  it('the store is asked for a tenant once, and once more when its login has changed', async () => {
    const { service } = running.now;
    const asked = async (operation: string) => {
      const { text } = await service.management.get('/metrics').expect(200);
      const line = `db_query_duration_seconds_count{operation="${operation}"} `;
      return Number(
        text
          .split('\n')
          .find((each) => each.startsWith(line))
          ?.slice(line.length) ?? 0,
      );
    };
    const counts = async () => [await asked('tenant'), await asked('registerTenant')];
    const mona = person('acme');
    for (const sender of [job(65), job(65), mona, job(65), mona]) await get(sender).expect(200);
    expect(await counts()).to.deep.equal([1, 1]);
    for (let nth = 0; nth < 3; nth += 1) await get(job(65, 'acme-inc')).expect(200);
    expect(await counts()).to.deep.equal([2, 2]);
  });

  it('a name that belongs to another owner leaves a warning, once', async () => {
    const { service } = running.now;
    for (const id of [65, 66, 66]) await get(job(id)).expect(200);
    const warnings = service.logs.filter(({ level }) => Number(level) >= 40);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include({
      msg: 'the name belongs to another owner',
      organisation: 'acme~66',
      ownerId: '66',
      login: 'acme',
    });
  });

  describe('X-Organisation', () => {
    const detail = 'X-Organisation is';

    it('of a job may be its login, with its id or without, or the name of its tenant', async () => {
      await get(job(65)).expect(200);
      await get(job(66)).expect(200);
      const rows: [sender: Sender, organisation: string, status: number][] = [
        [job(65), 'acme', 200],
        [job(65), 'Acme~65', 200],
        [job(65), 'acme~66', 403],
        [job(65), 'acme-inc', 403],
        [job(65, 'acme-inc'), 'acme', 200],
        [job(65, 'acme-inc'), 'acme-inc', 200],
        [job(65, 'acme-inc'), 'acme-inc~65', 200],
        [job(65, 'acme-inc'), 'acme-inc~66', 403],
        [job(66), 'acme', 200],
        [job(66), 'acme~66', 200],
        [job(66), 'acme~65', 403],
        [job(66, 'beta'), 'acme~66', 200],
        [job(66, 'beta'), 'acme', 403],
      ];
      for (const [sender, organisation, status] of rows) {
        const response = await get({ ...sender, organisation });
        expect([organisation, response.status]).to.deep.equal([organisation, status]);
        if (status === 403) expect(response.body.detail).to.include(detail);
      }
    });

    it('of a person is the login that GitHub knows now, and an id has to be the right one', async () => {
      const { gitHub } = running.now;
      const mona = person('acme');
      await get({ ...mona, organisation: 'ACME~65' }).expect(200);
      expectProblem(
        await get({ ...mona, organisation: 'acme~66' }),
        403,
        'forbidden',
        'X-Organisation is acme~66, but the id of acme is another',
      );
      gitHub.renameOrganisation('acme', 'acme-inc');
      const hubot = person('acme', 'hubot');
      await get(hubot).expect(200);
      expectProblem(
        await get({ ...hubot, organisation: 'acme~65' }),
        403,
        'forbidden',
        'X-Organisation is acme~65, but the id of acme is another',
      );
      await get({ ...mona, organisation: 'acme-inc~65' }).expect(200);
      await get({ ...mona, organisation: 'acme-inc~66' }).expect(403);
    });
  });
});

describe('the organisations that are allowed are tenants, not logins:', () => {
  const running = authenticateEach({ ALLOWED_ORGANISATIONS: 'acme,globex~7,initech' });

  const job = (id: number, owner: string): Sender => ({
    token: running.now.issuer.sign({ repository_owner: owner, repository_owner_id: String(id) }),
  });
  const person = (organisation: string, login: string): Sender => {
    const memberships = { [organisation]: 'active' } as const;
    return { token: running.now.gitHub.addUser({ login, memberships }), organisation };
  };
  const list = (sender: Sender) => send(running.now.service, sender);
  const expectNotAllowed = async (sender: Sender, organisation: string) => {
    expectProblem(await list(sender), 403, 'forbidden', notAllowed(organisation));
  };

  it('a renamed organisation stays allowed, and who takes its login over is not', async () => {
    const { gitHub } = running.now;
    const mona = person('acme', 'mona');
    await list(mona).expect(200);
    gitHub.renameOrganisation('acme', 'acme-inc');
    await list(job(65, 'acme-inc')).expect(200);
    await list({ ...mona, organisation: 'acme-inc' }).expect(200);
    for (let nth = 0; nth < 2; nth += 1) await expectNotAllowed(job(66, 'acme'), 'acme~66');
    const hubot = person('acme', 'hubot');
    const response = await list(hubot);
    expectProblem(response, 403, 'forbidden', /^The organisation acme~\d+ is not allowed here: /);
  });

  it('a renamed organisation is known by its new login once it was seen with it, or by its id', async () => {
    const { gitHub } = running.now;
    const mona = person('acme', 'mona');
    await list(mona).expect(200);
    gitHub.renameOrganisation('acme', 'acme-inc');
    const named = (organisation: string) => ({ ...mona, organisation });
    const asked = gitHub.requests.length;
    for (const other of ['acme-corp', 'acme-inc~66']) await expectNotAllowed(named(other), other);
    expect(gitHub.requests).to.have.length(asked);
    await list(named('acme-inc~65')).expect(200);
    await list(named('acme-inc')).expect(200);
    await list(named('acme-inc')).expect(200);
    const { text } = await running.now.service.management.get('/metrics').expect(200);
    // One for each name that is not in the list.
    expect(text).to.include('db_query_duration_seconds_count{operation="tenantsSeenAs"} 2\n');
  });

  it('an id allows that owner, whatever its login, and gives no other the name', async () => {
    await expectNotAllowed(job(8, 'globex'), 'globex');
    await list(job(7, 'globex-inc')).expect(200);
    const created = await send(running.now.service, job(7, 'globex-inc'), 'post')
      .send(deploymentBody())
      .expect(201);
    expect(created.body.organisation).to.equal('globex');
    await expectNotAllowed(job(8, 'globex'), 'globex');
    await expectNotAllowed(job(9, 'globex-inc'), 'globex-inc');
  });

  it('those that are not allowed are asked about once for a while, and never registered', async () => {
    const { service } = running.now;
    for (let nth = 0; nth < 3; nth += 1) await expectNotAllowed(job(99, 'umbrella'), 'umbrella');
    await list(job(5, 'initech')).expect(200);
    const { text } = await service.management.get('/metrics').expect(200);
    expect(text).to.include('db_query_duration_seconds_count{operation="tenant"} 2\n');
    expect(text).to.include('db_query_duration_seconds_count{operation="registerTenant"} 1\n');
  });
});
