-- Which of these files have been applied. One statement a file: Snowflake commits at every
-- definition, so a file is applied whole or not at all, and IF NOT EXISTS makes it safe to repeat.
CREATE HYBRID TABLE IF NOT EXISTS schema_migrations (
  version    NUMBER(9, 0)     NOT NULL,
  name       VARCHAR(255)     NOT NULL,
  applied_at TIMESTAMP_NTZ(3) NOT NULL,
  CONSTRAINT schema_migrations_key PRIMARY KEY (version)
);
