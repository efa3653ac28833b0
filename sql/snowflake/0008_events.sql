-- What kind of event it is, which fields changed (a list of names as JSON), what the caller says of why, and
-- the job that did it. Columns that are added cannot be NOT NULL where there are rows.
ALTER TABLE deployment_events ADD COLUMN
  IF NOT EXISTS type VARCHAR(16),
  IF NOT EXISTS changed VARCHAR,
  IF NOT EXISTS reason VARCHAR,
  IF NOT EXISTS actor_id VARCHAR,
  IF NOT EXISTS repository_id VARCHAR,
  IF NOT EXISTS ref VARCHAR,
  IF NOT EXISTS commit_sha VARCHAR,
  IF NOT EXISTS run_id VARCHAR,
  IF NOT EXISTS run_attempt VARCHAR;
