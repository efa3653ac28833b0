-- Keys of standard tables are declared and not enforced, so uniqueness has to come from order: every
-- change first updates this row, which locks this table until it commits, and only then looks at
-- what is there. https://docs.snowflake.com/en/sql-reference/transactions
-- A column that is made of a literal is as long as that literal, hence the types.
CREATE TABLE IF NOT EXISTS write_lock AS
SELECT 'changes'::VARCHAR(36) AS name, ''::VARCHAR(36) AS change_id;
