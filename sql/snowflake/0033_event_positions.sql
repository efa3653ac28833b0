-- Whose feed an event is in, and where; 0 for one that has no position yet. Columns that are added cannot be NOT NULL
-- where there are rows.
ALTER TABLE deployment_events ADD COLUMN
  IF NOT EXISTS organisation VARCHAR(255),
  IF NOT EXISTS feed_position NUMBER(18, 0);
