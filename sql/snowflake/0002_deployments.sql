-- Deployments. Columns stand in the order of the contract; the last four are the service's own.
-- Snowflake has no CHECK: the domain is what keeps status, provider and the like within their values.
-- TRIGGER is a reserved word there, hence trigger_kind. Instants are UTC, without a zone.
CREATE HYBRID TABLE IF NOT EXISTS deployments (
  id                          VARCHAR(36)      NOT NULL,
  created_at                  TIMESTAMP_NTZ(3) NOT NULL,
  updated_at                  TIMESTAMP_NTZ(3) NOT NULL,
  organisation                VARCHAR(255)     NOT NULL,
  name                        VARCHAR(255)     NOT NULL,
  version                     VARCHAR(255)     NOT NULL,
  environment                 VARCHAR(255)     NOT NULL,
  provider                    VARCHAR(16)      NOT NULL,
  cloud_account_id            VARCHAR,
  region                      VARCHAR,
  cell                        VARCHAR,
  type                        VARCHAR(32)      NOT NULL,
  auto                        BOOLEAN          NOT NULL,
  commit_sha                  VARCHAR,
  description                 VARCHAR,
  notes                       VARCHAR,
  build_uri                   VARCHAR,
  deployment_uri              VARCHAR,
  resource                    VARCHAR,
  pipeline_extra_params       VARCHAR,
  status                      VARCHAR(16)      NOT NULL,
  trigger_kind                VARCHAR(16)      NOT NULL,
  source_deployment_id        VARCHAR(36),
  rollback_from_deployment_id VARCHAR(36),
  created_by_repo             VARCHAR,
  created_by_workflow         VARCHAR,
  created_by_actor            VARCHAR,
  -- One value for the seven parts of the taxonomy: NULL parts compare equal through it.
  taxonomy_key                VARCHAR(43)      NOT NULL,
  revision                    NUMBER(18, 0)    NOT NULL,
  ever_deployed               BOOLEAN          NOT NULL,
  -- The change that wrote this row last, or touched it to roll back from it.
  change_id                   VARCHAR(36)      NOT NULL,
  CONSTRAINT deployments_key PRIMARY KEY (id),
  -- Lists. Each index costs every write something, so filters that leave few rows have one, and the
  -- others narrow what those find. Each index begins with a column of its own
  -- (https://docs.snowflake.com/en/user-guide/tables-hybrid-best-practices#index-design-and-usage).
  INDEX deployments_by_age (organisation, created_at, id),
  INDEX deployments_in_status (status, organisation, created_at, id),
  INDEX deployments_named (name, organisation, created_at, id),
  -- Auto-skip and rollback.
  INDEX deployments_by_taxonomy (taxonomy_key, status, created_at, id),
  INDEX deployments_by_replaced (rollback_from_deployment_id)
);
