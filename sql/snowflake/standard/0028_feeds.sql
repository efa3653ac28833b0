-- How long the feed of each organisation is: the last position that there has been, also when its event is gone. Whoever
-- gives positions to events holds the row of their organisation meanwhile.
CREATE TABLE IF NOT EXISTS feeds (
  organisation VARCHAR(255)  NOT NULL,
  position     NUMBER(18, 0) NOT NULL,
  change_id    VARCHAR(36)   NOT NULL,
  CONSTRAINT feeds_key PRIMARY KEY (organisation)
);
