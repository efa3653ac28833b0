-- How each environment is queued for, as JSON where somebody has said so, and the state of its queue: each
-- change of it makes the next queue_revision. Nothing is to be done about it by time alone before due_at.
CREATE TABLE environments (
  organisation      TEXT    NOT NULL,
  environment       TEXT    NOT NULL,
  queue_revision    INTEGER NOT NULL CHECK (queue_revision >= 1),
  settings_revision INTEGER NOT NULL,
  settings          TEXT,
  due_at            TEXT,
  PRIMARY KEY (organisation, environment)
) STRICT, WITHOUT ROWID;
CREATE INDEX environments_due ON environments (due_at) WHERE due_at IS NOT NULL;

-- Who waits, who holds a lease, and when a taxonomy had its turn last: few, however much is stored. The id is
-- a deployment's, or a taxonomy's key.
CREATE TABLE queue_entries (
  organisation TEXT NOT NULL,
  environment  TEXT NOT NULL,
  kind         TEXT NOT NULL,
  id           TEXT NOT NULL,
  entry        TEXT NOT NULL,
  PRIMARY KEY (organisation, environment, kind, id)
) STRICT, WITHOUT ROWID;

-- The fence that was given out last.
CREATE TABLE fences (
  last INTEGER NOT NULL
) STRICT;
INSERT INTO fences (last) VALUES (0);

-- What waits and what runs, by environment: for the metrics, for who excludes whom, and for workers, who look for
-- what is auto. Few rows are in it, however many are done.
DROP INDEX deployments_in_queue;
CREATE INDEX deployments_in_queue
  ON deployments (environment, status, organisation, auto, taxonomy_key, created_at, id)
  WHERE status IN ('scheduled', 'in_progress');
