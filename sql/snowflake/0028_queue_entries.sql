-- Who waits, who holds a lease, and when a taxonomy had its turn last. The id is a deployment's, or a
-- taxonomy's key.
CREATE HYBRID TABLE IF NOT EXISTS queue_entries (
  organisation VARCHAR(255) NOT NULL,
  environment  VARCHAR(255) NOT NULL,
  kind         VARCHAR(16)  NOT NULL,
  id           VARCHAR(43)  NOT NULL,
  entry        VARCHAR      NOT NULL,
  CONSTRAINT queue_entries_key PRIMARY KEY (organisation, environment, kind, id)
);
