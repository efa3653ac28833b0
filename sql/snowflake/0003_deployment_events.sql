-- The history of each deployment; rows are only ever added. A change of status is a new revision, so
-- the revision orders the events, and the key admits one event a revision.
CREATE HYBRID TABLE IF NOT EXISTS deployment_events (
  deployment_id       VARCHAR(36)      NOT NULL,
  revision            NUMBER(18, 0)    NOT NULL,
  occurred_at         TIMESTAMP_NTZ(3) NOT NULL,
  from_status         VARCHAR(16),
  to_status           VARCHAR(16)      NOT NULL,
  cause               VARCHAR(16)      NOT NULL,
  cause_deployment_id VARCHAR(36),
  actor               VARCHAR,
  repository          VARCHAR,
  workflow            VARCHAR,
  CONSTRAINT deployment_events_key PRIMARY KEY (deployment_id, revision),
  CONSTRAINT deployment_events_deployment FOREIGN KEY (deployment_id) REFERENCES deployments (id)
);
