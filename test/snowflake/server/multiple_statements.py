"""What Snowflake refuses of a statement among several of a request, and takes of one alone."""

from typing import Any

from sqlglot import TokenType

from .errors import SnowflakeError, not_supported_here, syntax_error
from .sql_text import is_bind, tokens_of, words


def check(sql: str, binds: list[Any]) -> None:
    """Raise SnowflakeError for a statement that would be refused there.

    - NULL as a bound value: tests/definitions/shared/query/multistatement.feature of
      https://github.com/snowflakedb/drivers. What the tests of the drivers do not bind there, booleans, is not taken
      either.
    - LIMIT with a bound value: https://github.com/snowflakedb/snowflake-connector-nodejs/issues/1063
    - BEGIN without TRANSACTION, which may be taken for a block of Snowflake Scripting:
      https://docs.snowflake.com/en/sql-reference/transactions#explicit-transactions recommends the long form.
    """
    if None in binds:
        raise SnowflakeError("002049", "42601", "SQL compilation error: error line 1 at position 0\nBind variable ? not set.")
    if any(isinstance(value, bool) for value in binds):
        raise not_supported_here("a boolean as a bound value among several statements")
    tokens = tokens_of(sql)
    for token, following in zip(tokens, tokens[1:], strict=False):
        if token.token_type == TokenType.LIMIT and is_bind(following):
            raise syntax_error("Invalid row count '?' in limit clause")
    if words(sql, 2) == ("BEGIN",):
        raise not_supported_here("BEGIN among several statements: BEGIN TRANSACTION")
