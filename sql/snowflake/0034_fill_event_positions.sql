-- Events of before get their positions when their feed is read.
UPDATE deployment_events
SET organisation = deployments.organisation, feed_position = 0
FROM deployments
WHERE deployments.id = deployment_events.deployment_id AND deployment_events.organisation IS NULL;
