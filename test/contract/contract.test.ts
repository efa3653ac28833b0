import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { HttpError, toProblem } from '../../src/http/problem.js';
import type { ProblemCode } from '../../src/http/problem.js';
import { loadContract } from '../../src/contract/contract.js';
import { filterFields } from '../../src/domain/deployments/reads.js';
import { decideTransition } from '../../src/domain/deployments/lifecycle.js';
import type { DeploymentStatus } from '../../src/domain/deployments/deployment.js';
import { operations } from '../../src/operations/operations.js';
import { packageFile } from '../../src/platform/package-file.js';

const contract = loadContract();
// What this file reads of the document, some of it; the linter knows that it is there.
const document = contract.document() as unknown as {
  info: { version: string; description: string };
  paths: Record<string, Record<string, { responses?: Record<string, unknown> }>>;
  components: {
    schemas: {
      Problem: { properties: { type: { enum: string[] } } };
      DeploymentStatus: { enum: DeploymentStatus[] };
      DeploymentUpdate: { minProperties: number };
    };
  };
};

/** The status of each kind of problem, as the design has it; one left out does not compile. */
const statuses: Record<ProblemCode, number> = {
  'malformed-request': 400,
  'nothing-to-update': 400,
  'organisation-required': 400,
  unauthenticated: 401,
  forbidden: 403,
  'route-not-found': 404,
  'deployment-not-found': 404,
  'policy-not-found': 404,
  'lock-not-found': 404,
  'freeze-not-found': 404,
  'calendar-not-found': 404,
  'rollback-source-not-found': 404,
  'method-not-allowed': 405,
  'transition-not-allowed': 409,
  'rollback-not-allowed': 409,
  'rollback-pending': 409,
  'cancel-count-differs': 409,
  'claim-not-allowed': 409,
  'claim-superseded': 409,
  'lease-held': 409,
  'lease-lost': 409,
  'lease-required': 409,
  'quota-exceeded': 409,
  'policies-full': 409,
  'gate-closed': 409,
  'gates-full': 409,
  'approval-not-allowed': 409,
  'request-timeout': 408,
  'expectation-failed': 417,
  'precondition-failed': 412,
  'content-too-large': 413,
  'unsupported-media-type': 415,
  'contract-violation': 422,
  'idempotency-key-reused': 422,
  'rate-limited': 429,
  'headers-too-large': 431,
  internal: 500,
  overloaded: 503,
  unavailable: 503,
};

describe('problem types', () => {
  const codes = Object.keys(statuses) as ProblemCode[];

  it('are the same in the contract and in the code', () => {
    const types = codes.map((code) => toProblem(new HttpError(code, 'x'), '/').body.type);

    expect(document.components.schemas.Problem.properties.type.enum).to.have.members(types);
  });

  for (const code of codes) {
    it(`answer ${statuses[code]} when it is ${code}`, () => {
      const { status, body } = toProblem(new HttpError(code, 'what was wrong'), '/v1/x');

      expect(status).to.equal(statuses[code]);
      expect(body.title).to.match(/^[A-Z][A-Za-z ]+$/);
      expect(body).to.deep.equal({
        type: `urn:problem-type:deployment-queue:${code}`,
        title: body.title,
        status: statuses[code],
        detail: 'what was wrong',
        instance: '/v1/x',
      });
    });
  }
});

describe('contract', () => {
  it('has the operations of the design, and the code has the same', () => {
    const described = contract.operations.map(
      ({ operationId, method, path }) => `${operationId} ${method} ${path}`,
    );

    expect(described).to.have.members([
      'listDeployments GET /v1/deployments',
      'createDeployment POST /v1/deployments',
      'getDeployment GET /v1/deployments/{id}',
      'updateDeployment PATCH /v1/deployments/{id}',
      'rollbackTaxonomy POST /v1/deployments/rollback',
      'rollbackDeployment POST /v1/deployments/{id}/rollback',
      'getDeploymentLineage GET /v1/deployments/{id}/lineage',
      'listDeploymentEvents GET /v1/deployments/{id}/events',
      'claimDeployment POST /v1/deployments/{id}/claim',
      'claimNext POST /v1/claims',
      'renewLease PUT /v1/deployments/{id}/lease',
      'releaseLease DELETE /v1/deployments/{id}/lease',
      'getQueuePosition GET /v1/deployments/{id}/queue',
      'cancelDeployments POST /v1/deployments/cancel',
      'listEnvironments GET /v1/environments',
      'getEnvironment GET /v1/environments/{environment}',
      'putEnvironment PUT /v1/environments/{environment}',
      'listEvents GET /v1/events',
      'streamEvents GET /v1/events/stream',
      'listCurrent GET /v1/current',
      'compareEnvironments GET /v1/diff',
      'listPolicies GET /v1/policies',
      'checkPolicies POST /v1/policies/check',
      'getPolicy GET /v1/policies/{name}',
      'putPolicy PUT /v1/policies/{name}',
      'deletePolicy DELETE /v1/policies/{name}',
      'listPolicyEvents GET /v1/policies/{name}/events',
      'approveDeployment POST /v1/deployments/{id}/approve',
      'rejectDeployment POST /v1/deployments/{id}/reject',
      'listLocks GET /v1/locks',
      'createLock POST /v1/locks',
      'getLock GET /v1/locks/{id}',
      'releaseLock DELETE /v1/locks/{id}',
      'listFreezes GET /v1/freezes',
      'createFreeze POST /v1/freezes',
      'listFreezeOccurrences GET /v1/freezes/occurrences',
      'listFreezeCalendars GET /v1/freezes/calendars',
      'createFreezeCalendar POST /v1/freezes/calendars',
      'deleteFreezeCalendar DELETE /v1/freezes/calendars/{id}',
      'getFreeze GET /v1/freezes/{id}',
      'deleteFreeze DELETE /v1/freezes/{id}',
      'listGateEvents GET /v1/gates/events',
    ]);
    const ids = contract.operations.map(({ operationId }) => operationId);
    expect(Object.keys(operations)).to.have.members(ids);
  });

  const operation = (id: string) => {
    const found = contract.operations.find(({ operationId }) => operationId === id);
    if (found === undefined) throw new Error(`There is no ${id}`);
    return found;
  };

  it('tells the parameters of an operation, those of its path and referenced ones included', () => {
    expect(operation('rollbackDeployment').parameters).to.have.deep.members([
      { name: 'id', in: 'path', plain: true },
      { name: 'X-Organisation', in: 'header', plain: true },
      { name: 'X-Request-Id', in: 'header', plain: true },
      { name: 'target_version', in: 'query', plain: true },
      { name: 'Idempotency-Key', in: 'header', plain: true },
    ]);
  });

  const bodies: [string, string[]][] = [
    ['updateDeployment', ['status', 'notes', 'deployment_uri', 'override']],
    ['rollbackTaxonomy', ['reason', 'auto', 'lock']],
    ['rollbackDeployment', ['reason', 'auto', 'lock']],
    ['getDeployment', []],
    [
      'createDeployment',
      [
        ...['name', 'version', 'environment', 'provider', 'cloud_account_id', 'region', 'cell'],
        ...['type', 'auto', 'commit_sha', 'commit_at', 'description', 'notes', 'build_uri'],
        ...['deployment_uri', 'resource', 'pipeline_extra_params'],
      ],
    ],
  ];
  for (const [id, fields] of bodies) {
    it(`tells the ${fields.length} fields of the body of ${id}`, () => {
      expect(operation(id).bodyFields).to.have.members(fields);
    });
  }

  it('lets a list be narrowed by what the store can narrow it by', () => {
    const queried = operation('listDeployments')
      .parameters.filter((parameter) => parameter.in === 'query')
      .map(({ name }) => name);

    expect(queried).to.have.members([...filterFields, 'limit', 'cursor']);
  });

  it('describes the life of a deployment as the code decides it', () => {
    const every = document.components.schemas.DeploymentStatus.enum;
    const rows = document.info.description.matchAll(/^\| (`\w+`) \| (`.*) \|$/gm);
    const described = [...rows].flatMap(([, from = '', to = '']) =>
      Array.from(to.matchAll(/`(\w+)`/g), ([, each = '']) =>
        `${from} to ${each}`.replaceAll('`', ''),
      ),
    );

    const allows = (from: DeploymentStatus, to: DeploymentStatus) => {
      try {
        return decideTransition(from, to);
      } catch {
        return false;
      }
    };
    const decided = every.flatMap((from) =>
      every.filter((to) => allows(from, to)).map((to) => `${from} to ${to}`),
    );
    expect(described).to.have.members(decided);
  });

  it('says that an update has to name something', () => {
    expect(document.components.schemas.DeploymentUpdate.minProperties).to.equal(1);
  });

  it('says of every operation that its headers may be too large, with its query', () => {
    const described = Object.values(document.paths).flatMap((path) =>
      Object.values(path).flatMap(({ responses }) => responses?.['431'] ?? []),
    );

    expect(described).to.have.length(contract.operations.length);
  });

  it('has the version of the package', () => {
    const manifest = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
      version: string;
    };

    expect(contract.version).to.equal(manifest.version);
    expect(contract.version).to.equal(document.info.version);
  });

  it('says the same in YAML and in JSON', () => {
    expect(parse(contract.yaml)).to.deep.equal(contract.document());
  });

  it('hands out copies of its document', () => {
    const mine = contract.document();
    mine['info'] = 'changed';

    expect(contract.document()['info']).to.have.property('version', contract.version);
  });

  it('has words for every pattern', () => {
    const patterns = Array.from(contract.yaml.matchAll(/ pattern: '(.*)'/g), ([, text]) => text);
    expect(patterns).to.have.length.above(1);
    expect(patterns.filter((text = '') => !contract.patternHints.has(text))).to.deep.equal([]);
  });
});
