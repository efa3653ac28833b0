-- What has been rolled back from so far.
INSERT INTO rolled_back (deployment_id, taxonomy_key, version, created_at)
SELECT DISTINCT found.id,
       found.taxonomy_key,
       found.version,
       TO_VARCHAR(found.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"')
FROM deployments AS found
JOIN deployments AS back ON back.rollback_from_deployment_id = found.id
LEFT JOIN rolled_back ON rolled_back.deployment_id = found.id
WHERE rolled_back.deployment_id IS NULL;
