-- Whatever a tenant stores and asks for, its requests cost others nothing.

-- Deployments that were deployed over more waiting ones than are skipped at once, until all of those are
-- skipped; since is when it was deployed.
CREATE TABLE skipping (
  deployment_id TEXT PRIMARY KEY REFERENCES deployments (id),
  taxonomy_key  TEXT NOT NULL,
  since         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX skipping_by_taxonomy ON skipping (taxonomy_key, deployment_id, since);

-- Lists by several filters at once are searched for in an index that has all filters in it, so that rows
-- are read only once they are found. Filters that leave many rows need no index of their own then.
DROP INDEX deployments_by_provider;
DROP INDEX deployments_by_trigger;
DROP INDEX deployments_by_age;
DROP INDEX deployments_by_status;
CREATE INDEX deployments_by_age ON deployments (
  organisation, created_at, id,
  environment, provider, trigger, name, region, cell, cloud_account_id
);
CREATE INDEX deployments_by_status ON deployments (
  organisation, status, created_at, id,
  environment, provider, trigger, name, region, cell, cloud_account_id
);

-- What a rollback may return to: the versions are in the index, so that those which need no looking at
-- are passed over without reading their rows.
DROP INDEX deployments_by_taxonomy;
CREATE INDEX deployments_by_taxonomy
  ON deployments (taxonomy_key, status, created_at, id, version);
DROP INDEX deployments_by_replaced;
CREATE INDEX deployments_by_replaced
  ON deployments (rollback_from_deployment_id, created_at, id, status)
  WHERE rollback_from_deployment_id IS NOT NULL;

-- Deployments that have been rolled back from: a look at this says whether a version was found bad.
CREATE TABLE rolled_back (
  deployment_id TEXT PRIMARY KEY REFERENCES deployments (id),
  taxonomy_key  TEXT NOT NULL,
  version       TEXT NOT NULL,
  created_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rolled_back_by_version
  ON rolled_back (taxonomy_key, version, created_at, deployment_id);
INSERT INTO rolled_back (deployment_id, taxonomy_key, version, created_at)
SELECT id, taxonomy_key, version, created_at
FROM deployments
WHERE id IN (SELECT rollback_from_deployment_id FROM deployments);

-- A revision has one event, so no change can overwrite another unseen. Before, events were counted.
ALTER TABLE deployment_events ADD COLUMN revision INTEGER;
UPDATE deployment_events
SET revision = counted.revision
FROM (
  SELECT sequence, row_number() OVER (PARTITION BY deployment_id ORDER BY sequence) AS revision
  FROM deployment_events
) AS counted
WHERE counted.sequence = deployment_events.sequence;
DROP INDEX deployment_events_by_deployment;
CREATE UNIQUE INDEX deployment_events_by_revision ON deployment_events (deployment_id, revision);
