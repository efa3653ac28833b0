-- What has been rolled back from so far: by a rollback that was deployed.
INSERT INTO rolled_back (deployment_id, taxonomy_key, version, deployed_at)
SELECT DISTINCT found.id, found.taxonomy_key, found.version, found.deployed_at
FROM deployments AS undo
JOIN deployments AS found ON found.id = undo.rollback_from_deployment_id
LEFT JOIN rolled_back
  ON rolled_back.deployment_id = found.id AND rolled_back.deployed_at = found.deployed_at
WHERE undo.deployed_at IS NOT NULL
  AND found.deployed_at IS NOT NULL
  AND rolled_back.deployment_id IS NULL;
