import type { Deployment } from '../../../src/client/contract.js';
import { brief, row } from './rows.js';

/** A deployment of `checkout` to production, which waits unless something else is said. */
export function deployment(fields: Partial<Deployment> = {}): Deployment {
  const { name, environment, provider, cloud_account_id, region, cell } = row();
  return {
    ...brief({ status: 'scheduled', started_at: null, finished_at: null, deployed_at: null }),
    ...{ name, environment, provider, cloud_account_id, region, cell },
    organisation: 'acme',
    updated_at: brief().created_at,
    type: 'k8s',
    auto: true,
    commit_at: null,
    description: null,
    notes: null,
    resource: null,
    pipeline_extra_params: null,
    source_deployment_id: null,
    rollback_from_deployment_id: null,
    approvals: [],
    ...fields,
  };
}
