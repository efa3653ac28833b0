"""DuckDB's SQL that is run again and again, parsed once: that is a third of what a small statement takes."""

from typing import Any

from duckdb import DuckDBPyConnection, Statement

from .sql_text import REMEMBERED


class Parsed:
    """Statements of DuckDB's by their text. It binds them to tables and values each time that they are executed."""

    def __init__(self, duck: DuckDBPyConnection) -> None:
        self._duck = duck.cursor()
        self._statements: dict[str, Statement] = {}

    def execute(self, duck: DuckDBPyConnection, sql: str, values: list[Any] | None = None) -> DuckDBPyConnection:
        """Execute one statement on a connection."""
        statement = self._statements.get(sql)
        if statement is None:
            if len(self._statements) >= REMEMBERED:
                self._statements.clear()
            [statement] = self._duck.extract_statements(sql)
            self._statements[sql] = statement
        return duck.execute(statement, values)
