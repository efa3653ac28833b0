import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { authenticateAll, send } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';

describe('docs/POLICIES.md', () => {
  const running = authenticateAll();
  let examples: string[] = [];
  before(async () => {
    const text = await readFile(packageFile('docs/POLICIES.md'), 'utf8');
    examples = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json = '']) => json);
  });

  const owner = () => {
    const roles = { acme: 'admin' } as const;
    const token = running.now.gitHub.addUser({
      login: 'olga',
      memberships: { acme: 'active' },
      roles,
    });
    return { token, organisation: 'acme' };
  };
  const put = (example: string | undefined) =>
    send(running.now.service, owner(), 'put', '/v1/policies/example').send(
      JSON.parse(example ?? '{}') as object,
    );
  const create = async (claims: Record<string, unknown>): Promise<number> => {
    const token = running.now.issuer.sign({ repository_owner: 'acme', ...claims });
    const request = send(running.now.service, { token }, 'post', '/v1/deployments');
    return (await request.send(deploymentBody({ region: 'europe-west1' }))).status;
  };

  it('has examples that the service takes', async () => {
    expect(examples).to.have.length(3);
    for (const example of examples) {
      const { status, text } = await put(example);
      expect(status, text).to.be.oneOf([200, 201]);
    }
  });

  it('lets one repository deploy with its environment, and its sandbox not', async () => {
    await put(examples[0]);
    const checkout = {
      repository: 'acme/checkout',
      repository_id: '1296269',
      environment: 'production',
    };
    expect(await create(checkout)).to.equal(201);
    expect(await create({ ...checkout, environment: undefined })).to.equal(403);
    expect(await create({ ...checkout, repository: 'acme/sandbox', repository_id: '2' })).to.equal(
      403,
    );
  });

  it('lets main of any repository register, and nothing else', async () => {
    await put(examples[1]);
    expect(await create({ ref: 'refs/heads/main' })).to.equal(201);
    expect(await create({ ref: 'refs/heads/mine' })).to.equal(403);
  });

  it('lets a workflow keep the policies of all, and leaves the rest as it was', async () => {
    await put(examples[2]);
    const claims = {
      repository_owner: 'acme',
      repository: 'acme/policies',
      job_workflow_ref: 'acme/policies/.github/workflows/apply.yml@refs/heads/main',
    };
    const change = (job: object) =>
      send(
        running.now.service,
        { token: running.now.issuer.sign({ ...claims, ...job }) },
        'put',
        '/v1/policies/example',
      ).send(JSON.parse(examples[0] ?? '{}') as object);
    expect(
      (await change({ job_workflow_ref: 'acme/policies/x.yml@refs/heads/main' })).status,
    ).to.equal(403);
    expect(await create({})).to.equal(201);
    expect((await change({})).status).to.equal(200);
  });
});
