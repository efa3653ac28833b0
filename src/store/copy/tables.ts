/** A table that both stores have. */
export interface CopiedTable {
  readonly name: string;
  /** The columns by which a row is known: both stores put rows into the same order by them. */
  readonly key: readonly string[];
  /** Columns that name other rows of the table, which may come later. */
  readonly references?: readonly string[];
  /** What a column has that the source does not have. */
  readonly constants?: Readonly<Record<string, number>>;
}

/**
 * All that a store holds, in the order of the references among tables, but for which schema files were applied, and
 * `changes`, which says something about connections of a moment ago. Fences are a sequence.
 */
export const copiedTables: readonly CopiedTable[] = [
  {
    name: 'deployments',
    key: ['id'],
    references: ['source_deployment_id', 'rollback_from_deployment_id', 'base_id'],
  },
  { name: 'deployment_events', key: ['deployment_id', 'revision'] },
  { name: 'feeds', key: ['organisation'] },
  { name: 'skipping', key: ['deployment_id'] },
  { name: 'rolled_back', key: ['deployment_id', 'deployed_at'] },
  { name: 'taxonomies', key: ['taxonomy_key'] },
  { name: 'environments', key: ['organisation', 'environment'] },
  { name: 'queue_entries', key: ['organisation', 'environment', 'kind', 'id'] },
  { name: 'tenants', key: ['owner_id'] },
  { name: 'policy_changes', key: ['organisation', 'revision'] },
  { name: 'tenant_usage', key: ['organisation', 'part'], constants: { part: 0 } },
  { name: 'idempotency_keys', key: ['organisation', 'key', 'owner'] },
];
