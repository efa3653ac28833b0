"""A server that speaks Snowflake's wire protocol to the Node driver, over fakesnow and DuckDB, for tests."""
