import type { Caller } from '../../src/domain/callers/caller.js';
import type { Deployment, StoredDeployment } from '../../src/domain/deployments/deployment.js';

/** Who asks in tests of the domain. */
export const caller: Caller = {
  organisation: 'acme',
  actor: 'octocat',
  repository: 'acme/checkout',
  workflow: 'release',
  source: 'oidc',
};

/** The id of the deployment of a number; ids sort as their numbers do. */
export function idOf(number: number): string {
  return `019b8d3f-5a40-7000-8000-${String(number).padStart(12, '0')}`;
}

/** The number that is in an id of `idOf`. */
export function numberOf(id: string): number {
  return Number(id.slice(-12));
}

/** The instant of a number, in seconds from some start. */
export function instantOf(number: number): string {
  return new Date(Date.UTC(2026, 0, 5, 9) + number * 1000).toISOString();
}

/**
 * A deployment as a store holds it: `checkout` in production, without any optional part.
 *
 * @param number says how old it is: its id and its instants are of that number
 * @param fields whatever differs; the instants of its attempt follow its status unless they are among them
 */
export function storedDeployment(
  number: number,
  {
    revision = 1,
    baseId = null,
    ...fields
  }: Partial<Deployment> & Partial<Omit<StoredDeployment, 'deployment'>> = {},
): StoredDeployment {
  const { status = 'scheduled' } = fields;
  const at = instantOf(number);
  const began = status === 'in_progress' || status === 'deployed' || status === 'failed';
  return {
    deployment: {
      id: idOf(number),
      created_at: at,
      updated_at: at,
      started_at: began ? at : null,
      finished_at: began && status !== 'in_progress' ? at : null,
      deployed_at: status === 'deployed' ? at : null,
      organisation: caller.organisation,
      name: 'checkout',
      version: '1.0.0',
      environment: 'production',
      provider: 'gcp',
      cloud_account_id: null,
      region: null,
      cell: null,
      type: 'k8s',
      auto: true,
      commit_sha: null,
      commit_at: null,
      description: null,
      notes: null,
      build_uri: null,
      deployment_uri: null,
      resource: null,
      pipeline_extra_params: null,
      status,
      trigger: 'auto',
      source_deployment_id: null,
      rollback_from_deployment_id: null,
      created_by_repo: null,
      created_by_workflow: null,
      created_by_actor: null,
      approvals: [],
      ...fields,
    },
    revision,
    baseId,
  };
}
