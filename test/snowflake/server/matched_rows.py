"""UPDATE and DELETE as they might be: one that has waited for a lock writes the rows that it had found before the wait.

Snowflake documents that a blocked statement waits, and not whether it looks at its condition again
(https://docs.snowflake.com/en/sql-reference/transactions#resource-locking). Here it does; with the fault keep_matched
it does not, where the condition is the only one of its statement and the table has a primary key. A DELETE waits then
as well, which DuckDB's does not for a row that another transaction has updated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from .sql_text import words

# Runs a SELECT of Snowflake's with its bind variables, and gives its rows.
Select = Callable[[str, list[Any]], list[list[Any]]]


@dataclass(frozen=True)
class Matched:
    """The rows that a statement has found, by the columns of their primary key; others: their further columns."""

    table: str
    columns: list[str]
    others: list[str]
    keys: list[list[Any]]


def find(duck: DuckDBPyConnection, select: Select, sql: str, binds: list[Any]) -> Matched | None:
    """What an UPDATE or a DELETE finds now; None when the statement is not one of these."""
    head = words(sql, 3)
    table = head[1] if head[0] == "UPDATE" else head[2] if head[:2] == ("DELETE", "FROM") else None
    if table is None or sql.upper().count("WHERE ") != 1:
        return None
    columns = _key_of(duck, table)
    if not columns:
        return None
    others = _columns_beside(duck, table, columns)
    condition = sql[_where(sql) :]
    own = binds[len(binds) - condition.count("?") :]
    return Matched(table, columns, others, select(f"SELECT {', '.join(columns)} FROM {table} {condition}", own))


def only(sql: str, binds: list[Any], matched: Matched) -> tuple[str, list[Any]]:
    """The statement for exactly these rows, and its bind variables."""
    before = sql[: _where(sql)]
    condition, values = _these(matched)
    return f"{before}WHERE {condition}", [*binds[: before.count("?")], *values]


def lock(matched: Matched) -> tuple[str, list[Any]]:
    """An UPDATE that changes nothing of these rows, and its bind variables: it waits as their DELETE has to.

    Of all columns, since DuckDB has two transactions wait for each other that update the same column of a row.
    """
    condition, values = _these(matched)
    assigned = ", ".join(f"{column} = {column}" for column in matched.others)
    return f"UPDATE {matched.table} SET {assigned} WHERE {condition}", values


def _these(matched: Matched) -> tuple[str, list[Any]]:
    if not matched.keys:
        return "FALSE", []
    row = f"({', '.join('?' for _ in matched.columns)})"
    condition = f"({', '.join(matched.columns)}) IN ({', '.join(row for _ in matched.keys)})"
    return condition, [value for key in matched.keys for value in key]


def _key_of(duck: DuckDBPyConnection, table: str) -> list[str]:
    found = duck.execute(
        "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' "
        "AND database_name = current_database() AND schema_name = current_schema() AND upper(table_name) = ?",
        [table],
    ).fetchone()
    return list(found[0]) if found else []


def _columns_beside(duck: DuckDBPyConnection, table: str, key: list[str]) -> list[str]:
    found = duck.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND schema_name = current_schema() AND upper(table_name) = ? ORDER BY column_index",
        [table],
    ).fetchall()
    return [column for (column,) in found if column not in key]


def _where(sql: str) -> int:
    return sql.upper().rindex("WHERE ")
