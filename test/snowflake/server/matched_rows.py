"""UPDATE as it might be: a statement that has waited for a lock writes the rows that it had found before the wait.

Snowflake documents that a blocked statement waits, and not whether it looks at its condition again
(https://docs.snowflake.com/en/sql-reference/transactions#resource-locking). Here it does; with the fault keep_matched
it does not, as far as a plain UPDATE of the table deployments goes.
"""

from typing import Any

from duckdb import DuckDBPyConnection

from .sql_text import words


def find(duck: DuckDBPyConnection, sql: str, binds: list[Any]) -> list[str] | None:
    """The ids of the rows that an UPDATE finds now; None when the statement is not one of these."""
    if words(sql, 2) != ("UPDATE", "DEPLOYMENTS"):
        return None
    condition = sql[_where(sql) :]
    found = duck.execute(f"SELECT id FROM deployments {condition}", binds[len(binds) - condition.count("?") :])
    return [id for (id,) in found.fetchall()]


def only(sql: str, binds: list[Any], ids: list[str]) -> tuple[str, list[Any]]:
    """The UPDATE of exactly these rows, and its bind variables."""
    assigned = sql[: _where(sql)]
    places = ", ".join("?" for _ in ids) or "NULL"
    return f"{assigned}WHERE id IN ({places})", [*binds[: assigned.count("?")], *ids]


def _where(sql: str) -> int:
    return sql.upper().rindex("WHERE ")
