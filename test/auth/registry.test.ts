import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openFile } from '../../src/store/sqlite/database.js';
import { send, startAuthenticatedService } from '../support/authenticated-service.js';
import type { AuthenticatedService } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { FileOf01 } from '../support/file-of-0-1.js';
import { expectProblem } from '../support/http.js';
import { letGo } from '../support/let-go.js';
import { idOf } from '../support/stored.js';
import { notAllowed } from '../support/not-allowed.js';

describe('a service that is upgraded from before there was a registry', () => {
  let folder: string;
  let path: string;
  let running: AuthenticatedService | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    path = join(folder, 'deployments.db');
    const file = new FileOf01(path);
    file.register(1);
    file.register(2, { organisation: 'globex' });
    file.close();
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await letGo();
    await rm(folder, { recursive: true });
  });

  async function start(environment: Record<string, string> = {}): Promise<void> {
    await running?.stop();
    running = await startAuthenticatedService({
      STORE: 'sqlite',
      SQLITE_PATH: path,
      ...environment,
    });
  }
  function now(): AuthenticatedService {
    if (running === undefined) throw new Error('The service does not run');
    return running;
  }
  const job = (id: number, owner = 'acme') => ({
    token: now().issuer.sign({ repository_owner: owner, repository_owner_id: String(id) }),
  });
  const get = (id: number, number: number, owner = 'acme') =>
    send(now().service, job(id, owner), 'get', `/v1/deployments/${idOf(number)}`);

  it('gives what is stored under a login to the first owner that comes with it, for good', async () => {
    await start();
    await get(65, 1).expect(200);
    expectProblem(await get(66, 1), 404, 'deployment-not-found');
    expectProblem(await get(65, 2), 404, 'deployment-not-found');
    const mona = now().gitHub.addUser({ login: 'mona', memberships: { globex: 'active' } });
    const person = { token: mona, organisation: 'globex' };
    await send(now().service, person, 'get', `/v1/deployments/${idOf(2)}`).expect(200);

    await start();
    expectProblem(await get(66, 1), 404, 'deployment-not-found');
    await get(65, 1, 'acme-inc').expect(200);
  });

  it('gives it to the owner that ALLOWED_ORGANISATIONS names, whoever comes first', async () => {
    await start({ ALLOWED_ORGANISATIONS: 'acme~65' });
    const detail = notAllowed('acme');
    expectProblem(await get(66, 1), 403, 'forbidden', detail);
    const { body } = await get(65, 1, 'acme-inc').expect(200);
    expect(body.organisation).to.equal('acme');
  });

  it('has a name that went to the wrong owner put right by the statements of docs/OPERATIONS.md', async () => {
    await start();
    const theirs = await send(now().service, job(4711), 'post').send(deploymentBody());
    expect(theirs.body.organisation).to.equal('acme');
    expectProblem(await get(65, 1), 404, 'deployment-not-found');
    await now().stop();
    running = undefined;

    const page = await readFile(new URL('../../docs/OPERATIONS.md', import.meta.url), 'utf8');
    const [, section = ''] = page.split(/^## Tenants$/m);
    const blocks = [...(section.split(/^## /m)[0] ?? '').matchAll(/^```sql\n(.*?)^```$/gms)];
    const [look = '', mend = ''] = blocks.map(([, sql = '']) => sql);
    expect(blocks).to.have.length(2);
    const file = openFile(path);
    const names = () =>
      file
        .prepare(look)
        .all()
        .map(({ organisation }) => organisation);
    expect(names()).to.have.members(['acme', 'acme~65']);
    file.exec(mend);
    expect(names()).to.have.members(['acme~4711', 'acme']);
    file.close();

    await start();
    await get(65, 1).expect(200);
    expectProblem(await get(4711, 1), 404, 'deployment-not-found');
  });
});
