-- Deployments that have been rolled back from: a look at this says whether a version was found bad.
-- deployed_at is when the deployment had been deployed.
CREATE HYBRID TABLE IF NOT EXISTS rolled_back (
  deployment_id VARCHAR(36)      NOT NULL,
  taxonomy_key  VARCHAR(43)      NOT NULL,
  version       VARCHAR(255)     NOT NULL,
  deployed_at   TIMESTAMP_NTZ(3) NOT NULL,
  CONSTRAINT rolled_back_key PRIMARY KEY (deployment_id, deployed_at),
  INDEX rolled_back_by_taxonomy (taxonomy_key, version)
);
