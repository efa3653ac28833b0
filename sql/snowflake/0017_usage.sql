-- How much each organisation has stored: its deployments, and about how many bytes these and their events take.
-- It is counted along with each change, in one of several rows, so that changes of one organisation seldom wait
-- for each other; the rows together say how much it is.
CREATE HYBRID TABLE IF NOT EXISTS tenant_usage (
  organisation VARCHAR(255)  NOT NULL,
  part         NUMBER(9, 0)  NOT NULL,
  deployments  NUMBER(18, 0) NOT NULL,
  bytes        NUMBER(18, 0) NOT NULL,
  change_id    VARCHAR(36)   NOT NULL,
  CONSTRAINT tenant_usage_key PRIMARY KEY (organisation, part)
);
