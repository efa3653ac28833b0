-- When the present attempt began and ended, when the deployment was deployed last, when its commit was made;
-- and for a rollback, the first of those that it was copied from, one after the other.
ALTER TABLE deployments ADD COLUMN
  IF NOT EXISTS started_at TIMESTAMP_NTZ(3),
  IF NOT EXISTS finished_at TIMESTAMP_NTZ(3),
  IF NOT EXISTS deployed_at TIMESTAMP_NTZ(3),
  IF NOT EXISTS commit_at TIMESTAMP_NTZ(3),
  IF NOT EXISTS base_id VARCHAR(36);
