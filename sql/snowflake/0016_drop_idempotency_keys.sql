-- All that was in it is in remembered_responses.
DROP TABLE IF EXISTS idempotency_keys;
