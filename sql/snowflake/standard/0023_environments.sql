-- How each environment is queued for, as JSON where somebody has said so, and the state of its queue: each
-- change of it makes the next queue_revision. Nothing is to be done about it by time alone before due_at.
CREATE TABLE IF NOT EXISTS environments (
  organisation      VARCHAR(255)  NOT NULL,
  environment       VARCHAR(255)  NOT NULL,
  queue_revision    NUMBER(18, 0) NOT NULL,
  settings_revision NUMBER(18, 0) NOT NULL,
  settings          VARCHAR,
  due_at            TIMESTAMP_NTZ(3),
  change_id         VARCHAR(36)   NOT NULL,
  CONSTRAINT environments_key PRIMARY KEY (organisation, environment)
);
