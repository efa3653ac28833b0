-- Deployments. Columns stand in the order of the contract; the last three are the service's own.
CREATE TABLE deployments (
  id                          TEXT PRIMARY KEY,
  created_at                  TEXT NOT NULL,
  updated_at                  TEXT NOT NULL,
  organisation                TEXT NOT NULL,
  name                        TEXT NOT NULL,
  version                     TEXT NOT NULL,
  environment                 TEXT NOT NULL,
  provider                    TEXT NOT NULL CHECK (provider IN ('gcp', 'aws', 'azure')),
  cloud_account_id            TEXT,
  region                      TEXT,
  cell                        TEXT,
  type                        TEXT NOT NULL CHECK (type IN ('k8s', 'terraform', 'data_pipeline')),
  auto                        INTEGER NOT NULL CHECK (auto IN (0, 1)),
  commit_sha                  TEXT,
  description                 TEXT,
  notes                       TEXT,
  build_uri                   TEXT,
  deployment_uri              TEXT,
  resource                    TEXT,
  pipeline_extra_params       TEXT,
  status                      TEXT NOT NULL
    CHECK (status IN ('scheduled', 'in_progress', 'deployed', 'skipped', 'failed')),
  trigger                     TEXT NOT NULL CHECK (trigger IN ('auto', 'manual', 'rollback')),
  source_deployment_id        TEXT REFERENCES deployments (id),
  rollback_from_deployment_id TEXT REFERENCES deployments (id),
  created_by_repo             TEXT,
  created_by_workflow         TEXT,
  created_by_actor            TEXT,
  -- One value for the seven parts of the taxonomy: NULL parts compare equal through it.
  taxonomy_key                TEXT NOT NULL,
  revision                    INTEGER NOT NULL,
  ever_deployed               INTEGER NOT NULL CHECK (ever_deployed IN (0, 1))
) STRICT;

-- Lists: newest first within an organisation, for each filter alone. A list with a filter that few
-- rows match would otherwise walk over all of the organisation's rows.
CREATE INDEX deployments_by_age ON deployments (organisation, created_at, id);
CREATE INDEX deployments_by_status ON deployments (organisation, status, created_at, id);
CREATE INDEX deployments_by_name ON deployments (organisation, name, created_at, id);
CREATE INDEX deployments_by_environment ON deployments (organisation, environment, created_at, id);
CREATE INDEX deployments_by_provider ON deployments (organisation, provider, created_at, id);
CREATE INDEX deployments_by_trigger ON deployments (organisation, trigger, created_at, id);
CREATE INDEX deployments_by_cloud_account_id
  ON deployments (organisation, cloud_account_id, created_at, id)
  WHERE cloud_account_id IS NOT NULL;
CREATE INDEX deployments_by_region
  ON deployments (organisation, region, created_at, id) WHERE region IS NOT NULL;
CREATE INDEX deployments_by_cell
  ON deployments (organisation, cell, created_at, id) WHERE cell IS NOT NULL;

-- Auto-skip and rollback: by status and by version within a taxonomy, and the rollbacks from a
-- deployment.
CREATE INDEX deployments_by_taxonomy ON deployments (taxonomy_key, status, created_at, id);
CREATE INDEX deployments_by_version ON deployments (taxonomy_key, version, created_at, id);
CREATE INDEX deployments_by_replaced
  ON deployments (rollback_from_deployment_id) WHERE rollback_from_deployment_id IS NOT NULL;

-- The history of each deployment; rows are only ever added.
CREATE TABLE deployment_events (
  sequence            INTEGER PRIMARY KEY,
  deployment_id       TEXT NOT NULL REFERENCES deployments (id),
  occurred_at         TEXT NOT NULL,
  from_status         TEXT,
  to_status           TEXT NOT NULL,
  cause               TEXT NOT NULL CHECK (cause IN ('request', 'auto_skip', 'rollback')),
  cause_deployment_id TEXT,
  actor               TEXT,
  repository          TEXT,
  workflow            TEXT
) STRICT;

CREATE INDEX deployment_events_by_deployment ON deployment_events (deployment_id, sequence);

-- First answers under an Idempotency-Key, kept for a day.
CREATE TABLE idempotency_keys (
  organisation  TEXT NOT NULL,
  key           TEXT NOT NULL,
  fingerprint   TEXT NOT NULL,
  remembered_at TEXT NOT NULL,
  deployment    TEXT NOT NULL,
  PRIMARY KEY (organisation, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (remembered_at);
