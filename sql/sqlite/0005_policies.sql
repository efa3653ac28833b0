-- The changes of each organisation's policies, each with its event; the last one has all policies, as JSON.
CREATE TABLE policy_changes (
  organisation TEXT    NOT NULL,
  revision     INTEGER NOT NULL CHECK (revision >= 1),
  name         TEXT    NOT NULL,
  occurred_at  TEXT    NOT NULL,
  event        TEXT    NOT NULL,
  policies     TEXT,
  PRIMARY KEY (organisation, revision)
) STRICT, WITHOUT ROWID;

CREATE INDEX policy_changes_by_name ON policy_changes (organisation, name, revision);
