-- Deployments that were deployed over more waiting ones than are skipped at once, until all of those are
-- skipped; since is when it was deployed.
CREATE HYBRID TABLE IF NOT EXISTS skipping (
  deployment_id VARCHAR(36)      NOT NULL,
  taxonomy_key  VARCHAR(43)      NOT NULL,
  since         TIMESTAMP_NTZ(3) NOT NULL,
  CONSTRAINT skipping_key PRIMARY KEY (deployment_id),
  INDEX skipping_by_taxonomy (taxonomy_key)
);
