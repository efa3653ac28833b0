-- The changes of each organisation's policies, each with its event; the last one has all policies, as JSON.
-- The key admits one change a revision.
CREATE HYBRID TABLE IF NOT EXISTS policy_changes (
  organisation VARCHAR(255)     NOT NULL,
  revision     NUMBER(18, 0)    NOT NULL,
  name         VARCHAR(63)      NOT NULL,
  occurred_at  TIMESTAMP_NTZ(3) NOT NULL,
  event        VARCHAR          NOT NULL,
  policies     VARCHAR,
  change_id    VARCHAR(36)      NOT NULL,
  CONSTRAINT policy_changes_key PRIMARY KEY (organisation, revision)
);
