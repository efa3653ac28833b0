-- Columns of before were as long as the literals that they were made of: too short for the id of a change.
ALTER TABLE write_lock ALTER
  COLUMN name SET DATA TYPE VARCHAR(36),
  COLUMN change_id SET DATA TYPE VARCHAR(36);
