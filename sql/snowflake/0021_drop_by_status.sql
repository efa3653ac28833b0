-- Indexes that begin with the same column keep Snowflake from choosing the best one: see 0002_deployments.sql.
DROP INDEX IF EXISTS deployments.deployments_by_status;
