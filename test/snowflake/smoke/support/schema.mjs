// Tables of the size and shape that the project has.
export const deployments = `
CREATE HYBRID TABLE IF NOT EXISTS deployments (
  id VARCHAR(36) NOT NULL,
  organisation VARCHAR(255) NOT NULL,
  name VARCHAR(255) NOT NULL,
  version VARCHAR(255) NOT NULL,
  environment VARCHAR(255) NOT NULL,
  provider VARCHAR(16) NOT NULL,
  cloud_account_id VARCHAR(255),
  region VARCHAR(255),
  cell VARCHAR(255),
  type VARCHAR(32) NOT NULL,
  auto BOOLEAN NOT NULL DEFAULT TRUE,
  commit_sha VARCHAR(255),
  description VARCHAR,
  notes VARCHAR,
  build_uri VARCHAR,
  deployment_uri VARCHAR,
  resource VARCHAR,
  pipeline_extra_params VARCHAR,
  status VARCHAR(16) NOT NULL,
  trigger VARCHAR(16) NOT NULL,
  source_deployment_id VARCHAR(36),
  rollback_from_deployment_id VARCHAR(36),
  created_by_repo VARCHAR,
  created_by_workflow VARCHAR,
  created_by_actor VARCHAR,
  taxonomy_key VARCHAR(64) NOT NULL,
  ever_deployed BOOLEAN NOT NULL DEFAULT FALSE,
  revision NUMBER(38,0) NOT NULL DEFAULT 0,
  created_at TIMESTAMP_NTZ(3) NOT NULL,
  updated_at TIMESTAMP_NTZ(3) NOT NULL,
  CONSTRAINT deployments_key PRIMARY KEY (id),
  INDEX deployments_list (organisation, created_at, id),
  INDEX deployments_taxonomy (taxonomy_key, created_at, id) INCLUDE (status, version)
)`;

export const deploymentEvents = `
CREATE HYBRID TABLE IF NOT EXISTS deployment_events (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  deployment_id VARCHAR(36) NOT NULL,
  occurred_at TIMESTAMP_NTZ(3) NOT NULL,
  from_status VARCHAR(16),
  to_status VARCHAR(16) NOT NULL,
  cause VARCHAR(16) NOT NULL,
  actor VARCHAR,
  FOREIGN KEY (deployment_id) REFERENCES deployments (id),
  INDEX deployment_events_of (deployment_id, occurred_at)
)`;

export const idempotencyKeys = `
CREATE HYBRID TABLE IF NOT EXISTS idempotency_keys (
  organisation VARCHAR(255) NOT NULL,
  idempotency_key VARCHAR(255) NOT NULL,
  request_hash VARCHAR(64) NOT NULL,
  response VARCHAR NOT NULL,
  expires_at TIMESTAMP_NTZ(3) NOT NULL,
  PRIMARY KEY (organisation, idempotency_key)
)`;

export const schemaMigrations = `
CREATE HYBRID TABLE IF NOT EXISTS schema_migrations (
  version NUMBER(38,0) NOT NULL PRIMARY KEY,
  name VARCHAR(255) NOT NULL UNIQUE,
  applied_at TIMESTAMP_NTZ(3) NOT NULL DEFAULT SYSDATE()
)`;

export const tables = [deployments, deploymentEvents, idempotencyKeys, schemaMigrations];

/** The SQL that inserts a deployment, and its bind variables. */
export function insertDeployment(id, values = {}) {
  const row = {
    id,
    organisation: 'acme',
    name: 'api',
    version: '1.0.0',
    environment: 'production',
    provider: 'gcp',
    cloud_account_id: null,
    type: 'k8s',
    auto: true,
    status: 'scheduled',
    trigger: 'auto',
    taxonomy_key: 'acme/api',
    revision: 1,
    created_at: '2026-01-02 03:04:05.678',
    updated_at: '2026-01-02 03:04:05.678',
    ...values,
  };
  const names = Object.keys(row);
  return {
    sql: `INSERT INTO deployments (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    binds: Object.values(row),
  };
}
