-- How each environment is queued for, as JSON where somebody has said so, and the state of its queue: each
-- change of it makes the next queue_revision. Nothing is to be done about it by time alone before due_at.
CREATE TABLE environments (
  organisation      text           COLLATE "C" NOT NULL,
  environment       text           COLLATE "C" NOT NULL,
  queue_revision    integer        NOT NULL CHECK (queue_revision >= 1),
  settings_revision integer        NOT NULL,
  settings          json,
  due_at            timestamptz(3),
  PRIMARY KEY (organisation, environment)
)
WITH (fillfactor = 70);
CREATE INDEX environments_due ON environments (due_at) WHERE due_at IS NOT NULL;

-- Who waits, who holds a lease, and when a taxonomy had its turn last: few, however much is stored. The id is
-- a deployment's, a taxonomy's key or a call's.
CREATE TABLE queue_entries (
  organisation text COLLATE "C" NOT NULL,
  environment  text COLLATE "C" NOT NULL,
  kind         text COLLATE "C" NOT NULL,
  id           text COLLATE "C" NOT NULL,
  entry        json NOT NULL,
  PRIMARY KEY (organisation, environment, kind, id)
)
WITH (fillfactor = 70);

-- The fence that was given out last. A number that is given out is never given out again, whatever becomes of the
-- change that asked for it.
CREATE SEQUENCE fences AS bigint;
