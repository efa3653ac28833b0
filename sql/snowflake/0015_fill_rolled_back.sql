-- What has been rolled back from so far: a rollback counts each time it was deployed, and against what had been
-- deployed by then.
INSERT INTO rolled_back (deployment_id, taxonomy_key, version, deployed_at)
SELECT DISTINCT found.id, found.taxonomy_key, found.version, found.deployed_at
FROM (
  SELECT replaced.id, replaced.taxonomy_key, replaced.version, MAX(earlier.occurred_at) AS deployed_at
  FROM deployments AS undo
  JOIN deployments AS replaced ON replaced.id = undo.rollback_from_deployment_id
  JOIN deployment_events AS done ON done.deployment_id = undo.id AND done.to_status = 'deployed'
  JOIN deployment_events AS earlier
    ON earlier.deployment_id = replaced.id AND earlier.to_status = 'deployed'
    AND earlier.occurred_at <= done.occurred_at
  GROUP BY replaced.id, replaced.taxonomy_key, replaced.version, undo.id, done.revision
) AS found
LEFT JOIN rolled_back
  ON rolled_back.deployment_id = found.id AND rolled_back.deployed_at = found.deployed_at
WHERE rolled_back.deployment_id IS NULL;
