-- First answers under an Idempotency-Key, kept for a day. The key admits one.
CREATE HYBRID TABLE IF NOT EXISTS idempotency_keys (
  organisation    VARCHAR(255)     NOT NULL,
  idempotency_key VARCHAR(255)     NOT NULL,
  fingerprint     VARCHAR(64)      NOT NULL,
  remembered_at   TIMESTAMP_NTZ(3) NOT NULL,
  deployment      VARCHAR          NOT NULL,
  change_id       VARCHAR(36)      NOT NULL,
  CONSTRAINT idempotency_keys_key PRIMARY KEY (organisation, idempotency_key)
);
