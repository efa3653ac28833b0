/** What requests mean, however they are spelled. */
import type { CreateBody, Deployment, Filter, Place, SpelledPlace } from './request.js';

/** Empty and blank text is absent. */
function present(text: string | null | undefined): string | null {
  return text == null || text.trim() === '' ? null : text;
}

/** The place that a body or a query names. */
export function placeOf(spelled: SpelledPlace): Place {
  return {
    name: spelled.name,
    environment: spelled.environment.toLowerCase(),
    provider: spelled.provider,
    cloud_account_id: present(spelled.cloud_account_id),
    region: present(spelled.region),
    cell: present(spelled.cell),
  };
}

/** What a deployment has after its registration, besides what the service gives it. */
export function registeredFields(body: CreateBody) {
  const { auto = true, commit_at: at = null } = body;
  return {
    commit_sha: null,
    description: null,
    notes: null,
    build_uri: null,
    deployment_uri: null,
    resource: null,
    pipeline_extra_params: null,
    source_deployment_id: null,
    rollback_from_deployment_id: null,
    ...body,
    ...placeOf(body),
    commit_at: at === null ? null : new Date(at).toISOString(),
    auto,
    trigger: auto ? ('auto' as const) : ('manual' as const),
  };
}

/** The values that each field may have; a field that is not named may have any. */
export function filterOf(filter: Filter): Map<string, readonly string[]> {
  const meant = new Map<string, readonly string[]>();
  for (const [field, value] of Object.entries(filter)) {
    const values = [value].flat();
    const optional = ['cloud_account_id', 'region', 'cell'].includes(field);
    if (optional && values.every((each) => present(each) === null)) continue;
    meant.set(field, field === 'environment' ? values.map((each) => each.toLowerCase()) : values);
  }
  return meant;
}

export function matches(deployment: Deployment, filter: Filter): boolean {
  const fields = new Map<string, unknown>(Object.entries(deployment));
  return [...filterOf(filter)].every(([field, values]) =>
    values.some((value) => value === fields.get(field)),
  );
}
