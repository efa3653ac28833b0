-- What was stored, or was given up: whoever has lost a connection around a COMMIT finds out here what became of it.
CREATE TABLE changes (
  change_id uuid           PRIMARY KEY,
  made_at   timestamptz(3) NOT NULL,
  abandoned boolean        NOT NULL
);
CREATE INDEX changes_by_age ON changes (made_at);

-- Ends a transaction in which a statement did not find what its change was made from: the number of rows that it
-- found is not the number that it was to find.
CREATE FUNCTION require_rows(present bigint, wanted bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF present IS DISTINCT FROM wanted THEN
    RAISE EXCEPTION 'what the change was made from is no longer there'
      USING ERRCODE = 'serialization_failure';
  END IF;
END
$$;
