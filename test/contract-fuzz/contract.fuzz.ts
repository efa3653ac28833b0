import { expect } from 'chai';
import { startAuthenticatedService } from '../support/authenticated-service.js';
import type { AuthenticatedService } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { epochSeconds } from '../support/oidc/actions-claims.js';
import { preparePython } from '../support/python.js';
import { folder, fuzz } from './schemathesis.js';

/** The taxonomies that the contract's examples name, so that rollbacks find something to return to. */
const places = [{}, { cloud_account_id: 'acme-prod', region: 'europe-west1', cell: 'cell-1' }];

describe('the contract, fuzzed by Schemathesis', function () {
  this.timeout(600_000);
  const python = preparePython(folder);
  let running: AuthenticatedService;
  before(async function () {
    if ('missing' in python) {
      console.error(`SKIPPED test:fuzz, nothing of it was run: ${python.missing}`);
      this.skip();
    }
    running = await startAuthenticatedService({ LOG_LEVEL: 'error' });
  });
  after(() => ('missing' in python ? undefined : running.stop()));

  it('is kept in at least 2,000 requests, valid and invalid, alone and in sequence', async () => {
    if ('missing' in python) throw new Error(python.missing);
    const { issuer, service } = running;
    const job = (organisation: string) => ({
      Authorization: `Bearer ${issuer.sign({
        repository_owner: organisation,
        repository: `${organisation}/shop`,
        exp: epochSeconds() + 3600,
      })}`,
    });
    const callers = { acme: job('acme'), globex: job('globex') };
    for (const place of places) {
      for (const version of ['1.3.0', '1.4.0']) {
        const made = await service.api
          .post('/v1/deployments')
          .set(callers.acme)
          .send(deploymentBody({ ...place, version }))
          .expect(201);
        await service.api
          .patch(`/v1/deployments/${String(made.body.id)}`)
          .set(callers.acme)
          .send({ status: 'deployed' })
          .expect(200);
      }
    }

    const seed = Number(process.env['FUZZ_SEED'] ?? 20260105);
    const report = await fuzz({
      python: python.path,
      apiUrl: service.apiUrl,
      callers,
      seed,
      examples: Number(process.env['FUZZ_EXAMPLES'] ?? 100),
    });

    console.log(report.output);
    expect(report.failures, `FUZZ_SEED=${seed}`).to.deep.equal([]);
    expect(report.errors).to.deep.equal([]);
    expect(report.exitCode).to.equal(0);
    expect(report.cases.generated).to.be.at.least(2000);
    expect(service.logs.filter(({ level }) => Number(level) >= 50)).to.deep.equal([]);
  });
});
