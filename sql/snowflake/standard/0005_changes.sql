-- One row for each change, written by its last statement before COMMIT, kept for a day.
--
-- A change whose COMMIT got no answer is looked up here. When it is missing, a row that says
-- abandoned is written in its place: whichever row comes first wins, so a late copy of the change
-- finds this one and does nothing.
--
-- The service writes NULL into abandoned when the change did not find what it was made from; that
-- fails, and takes the transaction with it.
CREATE TABLE IF NOT EXISTS changes (
  change_id VARCHAR(36)      NOT NULL,
  made_at   TIMESTAMP_NTZ(3) NOT NULL,
  abandoned BOOLEAN          NOT NULL,
  CONSTRAINT changes_key PRIMARY KEY (change_id)
);
