-- A feed is read in the order of its positions, and those that have none are found.
CREATE INDEX IF NOT EXISTS deployment_events_feed ON deployment_events (organisation, feed_position);
