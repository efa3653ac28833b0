-- The contract 0.2: cancelled, the instants of an attempt, an event for every change, keys of each caller for
-- itself; and whatever a tenant stores and asks for, its requests cost others nothing.
--
-- A CHECK cannot be changed, so the tables are made anew and filled from those of before.

ALTER TABLE deployments RENAME TO deployments_before;
ALTER TABLE deployment_events RENAME TO deployment_events_before;
ALTER TABLE idempotency_keys RENAME TO idempotency_keys_before;
DROP INDEX deployments_by_age;
DROP INDEX deployments_by_status;
DROP INDEX deployments_by_name;
DROP INDEX deployments_by_environment;
DROP INDEX deployments_by_provider;
DROP INDEX deployments_by_trigger;
DROP INDEX deployments_by_cloud_account_id;
DROP INDEX deployments_by_region;
DROP INDEX deployments_by_cell;
DROP INDEX deployments_by_taxonomy;
DROP INDEX deployments_by_version;
DROP INDEX deployments_by_replaced;
DROP INDEX deployments_in_queue;
DROP INDEX idempotency_keys_by_age;

-- Deployments. Columns stand in the order of the contract; the last three are the service's own.
CREATE TABLE deployments (
  id                          TEXT PRIMARY KEY,
  created_at                  TEXT NOT NULL,
  updated_at                  TEXT NOT NULL,
  started_at                  TEXT,
  finished_at                 TEXT,
  deployed_at                 TEXT,
  organisation                TEXT NOT NULL,
  name                        TEXT NOT NULL,
  version                     TEXT NOT NULL,
  environment                 TEXT NOT NULL,
  provider                    TEXT NOT NULL,
  cloud_account_id            TEXT,
  region                      TEXT,
  cell                        TEXT,
  type                        TEXT NOT NULL,
  auto                        INTEGER NOT NULL CHECK (auto IN (0, 1)),
  commit_sha                  TEXT,
  commit_at                   TEXT,
  description                 TEXT,
  notes                       TEXT,
  build_uri                   TEXT,
  deployment_uri              TEXT,
  resource                    TEXT,
  pipeline_extra_params       TEXT,
  status                      TEXT NOT NULL,
  trigger                     TEXT NOT NULL,
  source_deployment_id        TEXT REFERENCES deployments (id),
  rollback_from_deployment_id TEXT REFERENCES deployments (id),
  created_by_repo             TEXT,
  created_by_workflow         TEXT,
  created_by_actor            TEXT,
  -- One value for the seven parts of the taxonomy: NULL parts compare equal through it.
  taxonomy_key                TEXT NOT NULL,
  revision                    INTEGER NOT NULL,
  -- For a rollback, the first of those that it was copied from, one after the other.
  base_id                     TEXT REFERENCES deployments (id)
) STRICT;

-- The history of each deployment; rows are only ever added. A revision has one event, so no change can
-- overwrite another unseen. changed holds names of fields, as JSON.
CREATE TABLE deployment_events (
  sequence            INTEGER PRIMARY KEY,
  deployment_id       TEXT NOT NULL REFERENCES deployments (id),
  revision            INTEGER NOT NULL,
  type                TEXT NOT NULL,
  occurred_at         TEXT NOT NULL,
  from_status         TEXT,
  to_status           TEXT NOT NULL,
  changed             TEXT NOT NULL,
  cause               TEXT NOT NULL,
  cause_deployment_id TEXT,
  reason              TEXT,
  actor               TEXT,
  actor_id            TEXT,
  repository          TEXT,
  repository_id       TEXT,
  workflow            TEXT,
  ref                 TEXT,
  commit_sha          TEXT,
  run_id              TEXT,
  run_attempt         TEXT
) STRICT;

-- First responses under an Idempotency-Key, kept for a day. The owner of those of before is not known, so
-- they answer every caller of their organisation, as they did.
CREATE TABLE idempotency_keys (
  organisation  TEXT NOT NULL,
  owner         TEXT NOT NULL,
  key           TEXT NOT NULL,
  fingerprint   TEXT NOT NULL,
  remembered_at TEXT NOT NULL,
  deployment    TEXT NOT NULL,
  PRIMARY KEY (organisation, key, owner)
) STRICT, WITHOUT ROWID;

-- Deployments that were deployed over more waiting ones than are skipped at once, until all of those are
-- skipped; since is when it was deployed.
CREATE TABLE skipping (
  deployment_id TEXT PRIMARY KEY REFERENCES deployments (id),
  taxonomy_key  TEXT NOT NULL,
  since         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Deployments that have been rolled back from: a look at this says whether a version was found bad.
-- deployed_at is when the deployment had been deployed.
CREATE TABLE rolled_back (
  deployment_id TEXT NOT NULL REFERENCES deployments (id),
  taxonomy_key  TEXT NOT NULL,
  version       TEXT NOT NULL,
  deployed_at   TEXT NOT NULL,
  PRIMARY KEY (deployment_id, deployed_at)
) STRICT, WITHOUT ROWID;

-- An attempt is what has happened since a deployment was scheduled last. It began when the deployment became
-- in_progress last, or deployed at once; it ended when it was deployed, or left in_progress otherwise.
CREATE TEMP TABLE attempts AS
SELECT deployment_id,
       max(CASE WHEN to_status = 'deployed' THEN occurred_at END) AS deployed_at,
       max(CASE WHEN in_attempt AND to_status = 'in_progress' THEN occurred_at END) AS begun_at,
       min(CASE WHEN in_attempt AND to_status = 'deployed' THEN occurred_at END) AS at_once,
       max(
         CASE
           WHEN in_attempt
             AND (to_status = 'deployed'
                  OR from_status = 'in_progress' AND to_status IN ('failed', 'skipped'))
             THEN occurred_at
         END
       ) AS ended_at
FROM (
  SELECT deployment_id, occurred_at, from_status, to_status,
         sequence > max(CASE WHEN to_status = 'scheduled' THEN sequence ELSE 0 END)
                    OVER (PARTITION BY deployment_id) AS in_attempt
  FROM deployment_events_before
)
GROUP BY deployment_id;
CREATE UNIQUE INDEX temp.attempts_by_deployment ON attempts (deployment_id);

INSERT INTO deployments (
  id, created_at, updated_at, started_at, finished_at, deployed_at, organisation, name, version,
  environment, provider, cloud_account_id, region, cell, type, auto, commit_sha, commit_at, description,
  notes, build_uri, deployment_uri, resource, pipeline_extra_params, status, trigger,
  source_deployment_id, rollback_from_deployment_id, created_by_repo, created_by_workflow,
  created_by_actor, taxonomy_key, revision, base_id
)
SELECT id, created_at, updated_at,
       CASE WHEN status <> 'scheduled' THEN coalesce(begun_at, at_once) END,
       CASE WHEN status NOT IN ('scheduled', 'in_progress') THEN ended_at END,
       deployed_at,
       organisation, name, version, environment, provider, cloud_account_id, region, cell, type, auto,
       commit_sha, NULL, description, notes, build_uri, deployment_uri, resource, pipeline_extra_params,
       status, trigger, source_deployment_id, rollback_from_deployment_id, created_by_repo,
       created_by_workflow, created_by_actor, taxonomy_key, revision, NULL
FROM deployments_before LEFT JOIN attempts ON attempts.deployment_id = deployments_before.id
ORDER BY created_at, id;
DROP TABLE temp.attempts;

-- From what is no rollback to what was copied from it, and so on: each rollback is met once.
CREATE INDEX deployments_by_source ON deployments (source_deployment_id)
  WHERE source_deployment_id IS NOT NULL;
WITH RECURSIVE bases (id, base_id) AS (
  SELECT undo.id, source.id
  FROM deployments AS undo
  JOIN deployments AS source ON source.id = undo.source_deployment_id
  WHERE undo.source_deployment_id IS NOT NULL AND source.source_deployment_id IS NULL
  UNION ALL
  SELECT undo.id, bases.base_id
  FROM bases
  JOIN deployments AS undo ON undo.source_deployment_id = bases.id
)
UPDATE deployments
SET base_id = bases.base_id
FROM bases
WHERE bases.id = deployments.id;
DROP INDEX deployments_by_source;

-- Changes of notes alone had no event, so events are numbered below the revision.
INSERT INTO deployment_events (
  sequence, deployment_id, revision, type, occurred_at, from_status, to_status, changed, cause,
  cause_deployment_id, actor, repository, workflow
)
SELECT sequence, deployment_id,
       row_number() OVER (PARTITION BY deployment_id ORDER BY sequence),
       CASE WHEN from_status IS NULL THEN 'registered' ELSE 'changed' END,
       occurred_at, from_status, to_status,
       CASE WHEN from_status IS NULL THEN '[]' ELSE '["status"]' END,
       cause, cause_deployment_id, actor, repository, workflow
FROM deployment_events_before
ORDER BY sequence;

INSERT INTO idempotency_keys (organisation, owner, key, fingerprint, remembered_at, deployment)
SELECT organisation, '*', key, fingerprint, remembered_at, deployment
FROM idempotency_keys_before;

-- A rollback counts each time it was deployed, and against what had been deployed by then.
INSERT OR IGNORE INTO rolled_back (deployment_id, taxonomy_key, version, deployed_at)
SELECT found.id, found.taxonomy_key, found.version, earlier.occurred_at
FROM deployments AS undo
JOIN deployments AS found ON found.id = undo.rollback_from_deployment_id
JOIN deployment_events_before AS done
  ON done.deployment_id = undo.id AND done.to_status = 'deployed'
JOIN deployment_events_before AS earlier ON earlier.sequence = (
  SELECT max(sequence)
  FROM deployment_events_before AS event
  WHERE event.deployment_id = found.id AND event.to_status = 'deployed'
    AND event.sequence < done.sequence
)
WHERE undo.rollback_from_deployment_id IS NOT NULL AND undo.deployed_at IS NOT NULL;

DROP TABLE deployment_events_before;
DROP TABLE idempotency_keys_before;
-- To drop a table that refers to itself, SQLite looks for what refers to each of its rows.
CREATE INDEX deployments_before_by_source ON deployments_before (source_deployment_id);
CREATE INDEX deployments_before_by_replaced ON deployments_before (rollback_from_deployment_id);
DROP TABLE deployments_before;

-- Lists: newest first within an organisation, for each filter that leaves few rows. Lists by several filters
-- at once are searched for in an index that has all filters in it, so that rows are read only once they are
-- found.
CREATE INDEX deployments_by_age ON deployments (
  organisation, created_at, id,
  environment, provider, trigger, name, version, region, cell, cloud_account_id
);
CREATE INDEX deployments_by_status ON deployments (
  organisation, status, created_at, id,
  environment, provider, trigger, name, version, region, cell, cloud_account_id
);
CREATE INDEX deployments_by_name ON deployments (organisation, name, created_at, id);
CREATE INDEX deployments_by_version ON deployments (organisation, version, created_at, id);
CREATE INDEX deployments_by_environment ON deployments (organisation, environment, created_at, id);
CREATE INDEX deployments_by_cloud_account_id
  ON deployments (organisation, cloud_account_id, created_at, id)
  WHERE cloud_account_id IS NOT NULL;
CREATE INDEX deployments_by_region
  ON deployments (organisation, region, created_at, id) WHERE region IS NOT NULL;
CREATE INDEX deployments_by_cell
  ON deployments (organisation, cell, created_at, id) WHERE cell IS NOT NULL;

-- Within a taxonomy: what waits and what is in progress; what ended last of what began; what was deployed
-- last, with the versions, so that those which need no looking at are passed over without reading their
-- rows; versions.
CREATE INDEX deployments_by_taxonomy ON deployments (taxonomy_key, status, created_at, id);
CREATE INDEX deployments_ended ON deployments (taxonomy_key, finished_at, created_at, id)
  WHERE status IN ('deployed', 'failed', 'cancelled') AND started_at IS NOT NULL;
CREATE INDEX deployments_deployed
  ON deployments (taxonomy_key, deployed_at, created_at, id, version) WHERE status = 'deployed';
CREATE INDEX deployments_of_version
  ON deployments (taxonomy_key, version, created_at, id) WHERE deployed_at IS NOT NULL;
CREATE INDEX deployments_by_replaced
  ON deployments (rollback_from_deployment_id, created_at, id, status)
  WHERE rollback_from_deployment_id IS NOT NULL;

-- What waits and what runs, by environment, for the metrics. Few rows are in it, however many are
-- done, and the counts are read from it alone.
CREATE INDEX deployments_in_queue
  ON deployments (environment, status) WHERE status IN ('scheduled', 'in_progress');

CREATE UNIQUE INDEX deployment_events_by_revision ON deployment_events (deployment_id, revision);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (remembered_at);
CREATE INDEX skipping_by_taxonomy ON skipping (taxonomy_key, deployment_id, since);
CREATE INDEX rolled_back_by_version ON rolled_back (taxonomy_key, version, deployed_at);
