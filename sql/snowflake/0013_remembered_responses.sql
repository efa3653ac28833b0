-- First responses under an Idempotency-Key, kept for a day, each under the key of its owner: a primary key
-- cannot be changed, so they are no longer in idempotency_keys. The key admits one.
CREATE HYBRID TABLE IF NOT EXISTS remembered_responses (
  organisation    VARCHAR(255)     NOT NULL,
  idempotency_key VARCHAR(255)     NOT NULL,
  owner           VARCHAR(255)     NOT NULL,
  fingerprint     VARCHAR(64)      NOT NULL,
  remembered_at   TIMESTAMP_NTZ(3) NOT NULL,
  deployment      VARCHAR          NOT NULL,
  change_id       VARCHAR(36)      NOT NULL,
  CONSTRAINT remembered_responses_key PRIMARY KEY (organisation, idempotency_key, owner)
);
