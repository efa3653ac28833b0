-- Deployments that have been rolled back from: a look at this says whether a version was found bad.
-- created_at is that of the deployment, in the form of the contract, which sorts as text.
CREATE TABLE IF NOT EXISTS rolled_back (
  deployment_id VARCHAR(36)  NOT NULL,
  taxonomy_key  VARCHAR(43)  NOT NULL,
  version       VARCHAR(255) NOT NULL,
  created_at    VARCHAR(24)  NOT NULL,
  CONSTRAINT rolled_back_key PRIMARY KEY (deployment_id)
);
