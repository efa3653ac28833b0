import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import { send, startAuthenticatedService } from '../support/authenticated-service.js';
import type { AuthenticatedService } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { walk } from '../support/tenant-walk.js';
import type { Callers, Foreign, Step, Walk } from '../support/tenant-walk.js';

/** Both callers of an organisation. */
function callersOf(organisation: string, login: string, world: AuthenticatedService): Callers {
  const { issuer, gitHub } = world;
  const claims = { repository_owner: organisation, repository: `${organisation}/shop` };
  return {
    job: { token: issuer.sign({ ...claims, actor: login, workflow: `deploy ${organisation}` }) },
    person: {
      token: gitHub.addUser({
        login,
        memberships: { [organisation]: 'active' },
        roles: { [organisation]: 'admin' },
      }),
      organisation,
    },
  };
}

/** What somebody might make up of an organisation that is not there. */
function madeUp(organisation: string): Foreign {
  const id = uuidv7();
  const cursor = Buffer.from(`${new Date().toISOString()} ${id} ${'x'.repeat(22)}`);
  return { id, cursor: cursor.toString('base64url'), organisation };
}

/** Replaces what differs from run to run by its order of appearance or its shape. */
function settle(steps: readonly Step[], foreign: Foreign): string[] {
  const ids = new Map<string, string>();
  return steps.map(({ request, status, headers: { date, ...headers }, text }) => {
    expect(date).to.be.a('string');
    return JSON.stringify([request, status, headers, text])
      .replaceAll(foreign.cursor, 'FOREIGN CURSOR')
      .replaceAll(foreign.id, 'FOREIGN ID')
      .replaceAll(/(?<=cursor=)[\w-]{20,}/g, (cursor) =>
        Buffer.from(cursor, 'base64url').toString(),
      )
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
        const name = ids.get(id) ?? `<id ${ids.size + 1}>`;
        ids.set(id, name);
        return name;
      })
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<instant>')
      .replaceAll(/"(\d+)-[0-9a-z]{8}(?=\\*")/g, '"$1-<instant>');
  });
}

describe('two organisations, each by both ways in,', () => {
  let shared: AuthenticatedService;
  let alone: AuthenticatedService;
  let acme: Walk;
  let globex: Walk;
  let globexAlone: Walk;
  let ofAcme: Foreign;
  const ofNobody = madeUp('acme');

  before(async () => {
    shared = await startAuthenticatedService();
    alone = await startAuthenticatedService();
    const callers = callersOf('acme', 'mona', shared);
    acme = await walk(shared.service, callers, madeUp('globex'));
    ofAcme = { id: acme.ids[0] ?? '', cursor: acme.cursor, organisation: 'acme' };
    // Acme goes on while Globex walks.
    [globex] = await Promise.all([
      walk(shared.service, callersOf('globex', 'hubot', shared), ofAcme),
      walk(shared.service, callers, madeUp('globex'), 'more-'),
    ]);
    globexAlone = await walk(alone.service, callersOf('globex', 'hubot', alone), ofNobody);
  });
  after(() => Promise.all([shared.stop(), alone.stop()]));

  it('walk through every operation, and through refusals of many kinds', () => {
    const { steps, ids } = globex;
    const tally = new Map<number, number>();
    for (const { status } of steps) tally.set(status, (tally.get(status) ?? 0) + 1);
    expect(Object.fromEntries(tally)).to.deep.equal({
      200: 51,
      201: 8,
      204: 1,
      400: 1,
      403: 5,
      404: 14,
      405: 2,
      409: 3,
      412: 1,
      422: 4,
    });
    expect(ids).to.have.length(5);
  });

  it('see the same, byte for byte, whether the other is there or not', () => {
    const [here, there] = [settle(globex.steps, ofAcme), settle(globexAlone.steps, ofNobody)];
    expect(here).to.have.length(there.length);
    for (const [index, step] of here.entries()) expect(step).to.equal(there[index]);
  });

  it('get the same statuses, whoever of them came first', () => {
    const statuses = ({ steps }: Walk) => steps.map(({ status }) => status);
    expect(statuses(acme)).to.deep.equal(statuses(globex));
  });

  it('find no id, name, actor, repository or workflow of the other anywhere', () => {
    const sent = new Set([ofAcme.id, ofAcme.cursor]);
    for (const { request, headers, text } of globex.steps) {
      let answer = JSON.stringify([headers, text]);
      for (const own of sent) answer = answer.replaceAll(own, '');
      for (const id of acme.ids) expect(answer).not.to.include(id);
      for (const word of ['mona', 'acme/shop', 'deploy acme']) expect(answer).not.to.include(word);
      // Only who names the other organisation is told its name, and that it is closed.
      if (answer.includes('acme')) expect([request, text]).to.satisfy(isClosedDoor);
    }
  });

  it('count and list only their own', () => {
    const last = globex.steps.findLast(({ request }) => request === 'get /v1/deployments');
    const listed = JSON.parse(last?.text ?? '') as { id: string; organisation: string }[];
    expect(listed.map(({ id }) => id)).to.have.members(globex.ids);
    expect(new Set(listed.map(({ organisation }) => organisation))).to.deep.equal(
      new Set(['globex']),
    );
  });
});

describe('an organisation that was renamed and the one that took its login over', () => {
  let shared: AuthenticatedService;
  let first: Walk;
  let second: Walk;
  let ofFirst: Foreign;
  let name: string;

  before(async () => {
    shared = await startAuthenticatedService();
    const { gitHub, service, issuer } = shared;
    const { job, person } = callersOf('acme', 'mona', shared);
    await send(service, job).expect(200);
    gitHub.renameOrganisation('acme', 'acme-inc');
    const renamed = { repository_owner: 'acme-inc', repository_owner_id: '65' };
    first = await walk(
      service,
      {
        job: { token: issuer.sign({ ...renamed, actor: 'mona', workflow: 'deploy acme' }) },
        person: { ...person, organisation: 'acme-inc' },
      },
      madeUp('globex'),
    );
    ofFirst = { id: first.ids[0] ?? '', cursor: first.cursor, organisation: 'acme~65' };
    const hubot = gitHub.addUser({
      login: 'hubot',
      memberships: { acme: 'active' },
      roles: { acme: 'admin' },
    });
    const created = await send(service, { token: hubot, organisation: 'acme' }, 'post').send(
      deploymentBody({ name: 'probe' }),
    );
    name = String(created.body.organisation);
    const taken = { repository_owner: 'acme', repository_owner_id: name.split('~')[1] };
    second = await walk(
      service,
      {
        job: { token: issuer.sign({ ...taken, actor: 'hubot', workflow: 'deploy' }) },
        person: { token: hubot, organisation: 'acme' },
      },
      ofFirst,
    );
  });
  after(() => shared.stop());

  it('walk as any two organisations, though their logins and repositories are named the same', () => {
    const statuses = ({ steps }: Walk) => steps.map(({ request, status }) => [request, status]);
    const withoutIds = (walked: Walk) =>
      JSON.stringify(statuses(walked)).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id');
    const cursors = /cursor=[\w-]+/g;
    expect(withoutIds(second).replaceAll(cursors, '')).to.equal(
      withoutIds(first).replaceAll(cursors, ''),
    );
    expect(name).to.match(/^acme~[1-9]\d*$/);
  });

  it('find nothing of each other, but that there is somebody of the name', () => {
    for (const { text } of second.steps) {
      for (const id of first.ids.filter((each) => each !== ofFirst.id)) {
        expect(text).not.to.include(id);
      }
      for (const word of ['mona', 'deploy acme', '"organisation":"acme"']) {
        expect(text).not.to.include(word);
      }
    }
    for (const [walked, tenant] of [[first, 'acme'] as const, [second, name] as const]) {
      const last = walked.steps.findLast(({ request }) => request === 'get /v1/deployments');
      const listed = JSON.parse(last?.text ?? '') as { organisation: string }[];
      const names = new Set(listed.map(({ organisation }) => organisation));
      expect([...names]).to.deep.equal([tenant]);
    }
  });
});

function isClosedDoor([, text]: [request: string, text: string]): boolean {
  const { status } = JSON.parse(text) as { status: number };
  return status === 403;
}
