-- Keys of standard tables are declared and not enforced, so uniqueness has to come from order: every
-- change first updates this row, which locks this table until it commits, and only then looks at
-- what is there. https://docs.snowflake.com/en/sql-reference/transactions
CREATE TABLE IF NOT EXISTS write_lock AS
SELECT 'changes' AS name, '' AS change_id;
