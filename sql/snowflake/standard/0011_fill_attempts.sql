-- The instants of deployments of before, from their events. An attempt is what has happened since a deployment
-- was scheduled last. It began when the deployment became in_progress last, or deployed at once; it ended when
-- it was deployed, or left in_progress otherwise. What has any of them is left as it is.
UPDATE deployments
SET started_at = CASE
      WHEN deployments.status <> 'scheduled' THEN COALESCE(attempt.begun_at, attempt.at_once)
    END,
    finished_at = CASE
      WHEN deployments.status NOT IN ('scheduled', 'in_progress') THEN attempt.ended_at
    END,
    deployed_at = attempt.deployed_at
FROM (
  SELECT deployment_id,
         MAX(CASE WHEN to_status = 'deployed' THEN occurred_at END) AS deployed_at,
         MAX(CASE WHEN in_attempt = 1 AND to_status = 'in_progress' THEN occurred_at END) AS begun_at,
         MIN(CASE WHEN in_attempt = 1 AND to_status = 'deployed' THEN occurred_at END) AS at_once,
         MAX(
           CASE
             WHEN in_attempt = 1
               AND (to_status = 'deployed'
                    OR from_status = 'in_progress' AND to_status IN ('failed', 'skipped'))
               THEN occurred_at
           END
         ) AS ended_at
  FROM (
    SELECT deployment_id, occurred_at, from_status, to_status,
           CASE
             WHEN revision > MAX(CASE WHEN to_status = 'scheduled' THEN revision ELSE 0 END)
                             OVER (PARTITION BY deployment_id)
               THEN 1
             ELSE 0
           END AS in_attempt
    FROM deployment_events
  ) AS event
  GROUP BY deployment_id
) AS attempt
WHERE attempt.deployment_id = deployments.id
  AND COALESCE(attempt.begun_at, attempt.deployed_at) IS NOT NULL
  AND COALESCE(deployments.started_at, deployments.finished_at, deployments.deployed_at) IS NULL;
