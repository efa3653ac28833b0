-- The feed of an organisation: all of its events, each at a position of its own, which only grow. A position is given out
-- in the transaction that stores the event, and one transaction comes after the other.
CREATE TABLE feeds (
  organisation TEXT PRIMARY KEY,
  -- The last position that there has been, also when its event is gone.
  position     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE deployment_events ADD COLUMN organisation TEXT NOT NULL DEFAULT '';
ALTER TABLE deployment_events ADD COLUMN feed_position INTEGER NOT NULL DEFAULT 0;

UPDATE deployment_events
SET organisation = numbered.organisation, feed_position = numbered.feed_position
FROM (
  SELECT sequence, deployments.organisation,
         row_number() OVER (PARTITION BY deployments.organisation ORDER BY sequence) AS feed_position
  FROM deployment_events
  JOIN deployments ON deployments.id = deployment_id
) AS numbered
WHERE deployment_events.sequence = numbered.sequence;

INSERT INTO feeds (organisation, position)
SELECT organisation, max(feed_position) FROM deployment_events GROUP BY organisation;

CREATE UNIQUE INDEX deployment_events_feed ON deployment_events (organisation, feed_position);
