"""Snowflake's errors, and what DuckDB and fakesnow raise in their place.

Codes and messages are those that Snowflake publishes; the page stands at each one. Where Snowflake publishes none,
the comment says so.
"""

import re
from dataclasses import dataclass

import duckdb
import snowflake.connector.errors as connector_errors


@dataclass
class SnowflakeError(Exception):
    """A failure in the form in which Snowflake reports it.

    code: six digits. sql_state: five characters. message: what the driver shows.
    """

    code: str
    sql_state: str
    message: str

    def __str__(self) -> str:
        return f"{self.code} ({self.sql_state}): {self.message}"


class WriteConflict(Exception):
    """DuckDB refused a write because another transaction wrote the same row first."""


def primary_key_exists() -> SnowflakeError:
    """https://docs.snowflake.com/en/sql-reference/sql/create-hybrid-table#examples"""
    return SnowflakeError("200001", "22000", "Primary key already exists")


def unique_key_exists(columns: str) -> SnowflakeError:
    """The same page, which gives the message without a number: it shares the primary key's here.

    Snowflake names the index SYS_INDEX_<table>_UNIQUE_<column>; DuckDB tells the columns only.
    """
    return SnowflakeError(
        "200001", "22000", f'Duplicate key value violates unique constraint "SYS_INDEX_UNIQUE_{columns}"'
    )


def foreign_key_violated() -> SnowflakeError:
    """https://docs.snowflake.com/en/sql-reference/sql/create-hybrid-table#examples"""
    return SnowflakeError("200009", "22000", 'Foreign key constraint "SYS_INDEX_FOREIGN_KEY" was violated.')


def not_null_violated(table: str, column: str) -> SnowflakeError:
    """Number and text as connectors report them (https://github.com/MeltanoLabs/target-snowflake/issues/42)."""
    return SnowflakeError("100072", "22000", _of_column(table, column, "NULL result in a non-nullable column"))


def string_too_long(table: str, column: str, value: str) -> SnowflakeError:
    """Number and text as connectors report them; the text quotes what was to be stored."""
    detail = f"String '{value}' is too long and would be truncated"
    return SnowflakeError("100078", "22000", _of_column(table, column, detail))


def _of_column(table: str, column: str, detail: str) -> str:
    """https://docs.snowflake.com/en/developer-guide/sql-api/submitting-multiple-statements (its example of a 422)"""
    return f"DML operation to table {table} failed on column {column} with error: {detail}"


DIVISION_BY_ZERO = "Division by zero"


def division_by_zero() -> SnowflakeError:
    """Number and text as connectors report them; https://docs.snowflake.com/en/sql-reference/functions/div0 says that
    it is an error."""
    return SnowflakeError("100051", "22012", DIVISION_BY_ZERO)


def too_many_waiters(table: str) -> SnowflakeError:
    """Number and text as accounts report them (https://github.com/brooklyn-data/dbt_artifacts/issues/431): the
    documentation describes the lock and not the error."""
    return SnowflakeError(
        "000625",
        "57014",
        f"Statement '01b6c04c-0108-5374-0008-50d700010052' has locked table '{table}' in transaction "
        "1725239781553000000 and this lock has not yet been released. Your statement "
        "'01b6c04c-0108-5374-0008-50d700010056' was aborted because the number of waiters for this lock exceeds the "
        "20 statements limit.",
    )


def lock_timeout(table: str, seconds: float) -> SnowflakeError:
    """A lock that was not granted within LOCK_TIMEOUT or HYBRID_TABLE_LOCK_TIMEOUT.

    https://docs.snowflake.com/en/sql-reference/transactions#lock-timeout-parameters says that the statement is
    aborted and publishes no number for it. The number, state and opening words of the other lock error are used, so
    that a client that recognises one recognises both.
    """
    return SnowflakeError(
        "000625",
        "57014",
        f"Statement '01b6c04c-0108-5374-0008-50d700010052' has locked table '{table}' in transaction "
        "1725239781553000000 and this lock has not yet been released. Your statement "
        f"'01b6c04c-0108-5374-0008-50d700010056' was aborted because the lock timeout of {seconds:g} seconds was "
        "reached.",
    )


def transaction_aborted() -> SnowflakeError:
    """https://docs.snowflake.com/en/sql-reference/parameters#transaction-abort-on-error

    Snowflake publishes no number for a statement issued in an aborted transaction; fakesnow's for "other" is used.
    """
    return SnowflakeError(
        "009999", "25P02", "The transaction was aborted by an earlier error: roll it back (TRANSACTION_ABORT_ON_ERROR)."
    )


def statement_count_mismatch(actual: int, desired: int) -> SnowflakeError:
    """https://docs.snowflake.com/en/developer-guide/sql-api/submitting-multiple-statements"""
    return SnowflakeError(
        "000008", "0A000", f"Actual statement count {actual} did not match the desired statement count {desired}."
    )


def syntax_error(detail: str) -> SnowflakeError:
    """Snowflake's number for text that it cannot parse."""
    return SnowflakeError("001003", "42000", f"SQL compilation error:\n{detail}")


def not_supported_here(detail: str) -> SnowflakeError:
    """A construct that this server does not carry; never answered with a guess."""
    return SnowflakeError("009999", "0A000", f"Not supported by this test server: {detail}")


def in_multiple_statements(statement: str, position: int, inner: SnowflakeError) -> SnowflakeError:
    """How Snowflake wraps the error of one statement of several: the inner number is lost, its message is kept.

    https://docs.snowflake.com/en/developer-guide/sql-api/submitting-multiple-statements (its example of a 422)
    """
    shown = statement if len(statement) <= 30 else f"{statement[:30]}..."
    return SnowflakeError(
        "100132",
        "P0000",
        "JavaScript execution error: Uncaught Execution of multiple statements failed on statement "
        f'"{shown}" (at line 1, position {position}).\n{inner.message} in SYSTEM$MULTISTMT at \'    throw `Execution '
        "of multiple statements failed on statement {0} (at line {1}, position {2}).`.replace('{1}', LINES[i])' "
        "position 4\nstackstrace: \nSYSTEM$MULTISTMT line: 10",
    )


def from_exception(error: Exception) -> SnowflakeError:
    """Translate what fakesnow or DuckDB raised. Raises WriteConflict for an optimistic conflict."""
    if isinstance(error, SnowflakeError):
        return error
    text = str(error)
    if isinstance(error, duckdb.TransactionException):
        if "duplicate key" in text:
            # Found at COMMIT: two transactions inserted one key. Snowflake would have blocked the second INSERT.
            return primary_key_exists()
        if "Conflict on" in text or "write-write conflict" in text or "Failed to commit" in text:
            raise WriteConflict(text) from error
        return transaction_aborted()
    if isinstance(error, duckdb.ConstraintException):
        return _from_constraint(text)
    if isinstance(error, connector_errors.Error):
        number = abs(error.errno) if error.errno and error.errno > 0 else 9999
        # The Python connector puts "000000 (00000): " and its query id before the message; the wire has neither.
        message = re.sub(r"^\d{6} \(\w{5}\): (?:[0-9a-f-]{36}: )?", "", error.msg or text)
        return SnowflakeError(f"{number:06d}", error.sqlstate or "99999", message)
    if DIVISION_BY_ZERO in text:
        return division_by_zero()
    if isinstance(error, duckdb.ConversionException):
        return SnowflakeError("100035", "22007", text.split("\n")[0])
    if isinstance(error, duckdb.CatalogException):
        return SnowflakeError("002003", "42S02", text.split("\n")[0])
    if isinstance(error, duckdb.ParserException):
        return syntax_error(text)
    return SnowflakeError("009999", "XX000", f"{type(error).__name__}: {text}")


def _from_constraint(text: str) -> SnowflakeError:
    if "NOT NULL" in text:
        failed = re.search(r"NOT NULL constraint failed: (?:.*\.)?(\w+)\.(\w+)", text)
        return not_null_violated(*(failed.groups() if failed else ("?", "?")))
    if "foreign key" in text:
        return foreign_key_violated()
    if "unique constraint" in text:
        key = text.split('"')[1] if '"' in text else ""
        return unique_key_exists("_".join(part.split(":")[0].strip() for part in key.split(",")))
    if "primary key" in text.lower() or "duplicate key" in text.lower():
        return primary_key_exists()
    return SnowflakeError("009999", "23000", text)
