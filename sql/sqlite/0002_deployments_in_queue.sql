-- What waits and what runs, by environment, for the metrics. Few rows are in it, however many are
-- done, and the counts are read from it alone.
CREATE INDEX deployments_in_queue
  ON deployments (environment, status) WHERE status IN ('scheduled', 'in_progress');
