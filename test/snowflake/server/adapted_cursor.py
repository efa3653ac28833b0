"""The one place that reaches into fakesnow's workings: its cursor, with five additions.

- TIMESTAMP_NTZ(0..3) becomes DuckDB's TIMESTAMP_MS, so that milliseconds are all that is kept, as in Snowflake.
- What sqlglot cannot express in DuckDB's SQL is an error. By itself it logs a warning and drops the construct, which
  would make a wrong answer look right.
- MERGE is DuckDB's own. fakesnow makes several statements of it, which fail inside a transaction.
- A division by zero is an error, as in Snowflake.
- It tells which DuckDB statements ran, so that they can be run again without translating them again.
"""

import logging
import re
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.transforms.merge import operations
from sqlglot import Expr, exp

from .errors import DIVISION_BY_ZERO, not_supported_here

# Warnings after which the statement still means what was written: fakesnow answers SHOW from the fallback.
_HARMLESS = re.compile(r"Falling back to parsing as a 'Command'")
_PLAIN = (exp.Select, exp.SetOperation, exp.Insert, exp.Update, exp.Delete)
_SPECIAL = ("result_scan_sfqid", "seed", "create_stage_name", "create_file_format_name", "put_stage_name")


class _Refuse(logging.Handler):
    """Turns sqlglot's warnings about dropped constructs into errors, in the thread that translates."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not _HARMLESS.search(message):
            raise not_supported_here(message)


def refuse_dropped_constructs() -> None:
    """Call once, at start."""
    logger = logging.getLogger("sqlglot")
    logger.handlers = [_Refuse(level=logging.WARNING)]
    logger.propagate = False


class AdaptedCursor(FakeSnowflakeCursor):
    """fakesnow's cursor; see the module. milliseconds: whether a TIMESTAMP_NTZ(0..3) was met."""

    milliseconds: bool = False
    _explains: bool = False

    def run(self, sql: str, binds: list[Any]) -> None:
        """Execute one statement of Snowflake's SQL. Raises what fakesnow and DuckDB raise."""
        self.ran: list[tuple[Expr, list[Any]]] = []
        self.execute(sql, binding_params=list(binds) if binds else None, server=True)

    def explain(self, sql: str, binds: list[Any]) -> str:
        """DuckDB's plan of one statement, which is not run."""
        self._explains = True
        self.run(sql, binds)
        return str(self.table().column("plan")[0].as_py())

    def table(self) -> pa.Table:
        """The rows of the last statement."""
        if self._arrow_table is None:
            raise not_supported_here("a statement without a result")
        return self._arrow_table

    def run_again(self, ran: tuple[Expr, ...], binds: list[Any]) -> None:
        """Execute what repeatable() gave, with other bind variables."""
        self.ran = []
        for expression in ran:
            self._execute(expression, list(binds) if binds else None)

    def repeatable(self, binds: list[Any]) -> tuple[Expr, ...] | None:
        """What ran, when running it again gives the right answer whatever the bind variables, the tables and the schema.

        fakesnow's transformations look at bind variables that name something, at variables, at stages, and at the
        tables of a CREATE TABLE ... AS; not at anything else that may differ the next time.
        """
        if all(_is_repeatable(expression) and len(used) == len(binds) for expression, used in self.ran):
            return tuple(expression for expression, _ in self.ran)
        return None

    def _transform(self, expression: Expr, params: Any) -> Expr:
        return super()._transform(expression.transform(self._to_milliseconds).transform(self._checked_division), params)

    def _transform_explode(self, expression: Expr) -> list[Expr]:
        return [expression] if isinstance(expression, exp.Merge) else super()._transform_explode(expression)

    def _execute(self, transformed: Expr, params: Any = None) -> None:
        self.ran.append((transformed, list(params or [])))
        if self._explains:
            self._duck_conn.execute(f"EXPLAIN {transformed.sql(dialect='duckdb')}", params)
            self._arrow_table = pa.table({"plan": ["\n".join(plan for _, plan in self._duck_conn.fetchall())]})
        elif isinstance(transformed, exp.Merge):
            self._merge(transformed, params)
        else:
            super()._execute(transformed, params)

    def _merge(self, merge: exp.Merge, params: Any) -> None:
        """https://docs.snowflake.com/en/sql-reference/sql/merge: one count for each kind of clause that is written."""
        self._duck_conn.execute(f"{merge.sql(dialect='duckdb')} RETURNING merge_action", params)
        actions = [action for (action,) in self._duck_conn.fetchall()]
        verbs = {"inserted": "INSERT", "updated": "UPDATE", "deleted": "DELETE"}
        self._arrow_table = pa.table(
            {
                f"number of rows {name}": [actions.count(verbs[name])]
                for name, clauses in operations(merge).items()
                if clauses
            }
        )

    @staticmethod
    def _checked_division(node: Expr) -> Expr:
        """A division by zero is an error: https://docs.snowflake.com/en/sql-reference/functions/div0. DuckDB's is not."""
        if not isinstance(node, exp.Div):
            return node
        if any(node.expression.find_all(exp.Placeholder)):
            raise not_supported_here("a division by a bound value")
        failure = exp.Anonymous(this="error", expressions=[exp.Literal.string(DIVISION_BY_ZERO)])
        is_zero = exp.EQ(this=node.expression.copy(), expression=exp.Literal.number(0))
        return exp.Case().when(is_zero, failure).else_(node)

    def _to_milliseconds(self, node: Expr) -> Expr:
        if not isinstance(node, exp.DataType) or node.this != exp.DataType.Type.TIMESTAMPNTZ or not node.expressions:
            return node
        if int(node.expressions[0].name) > 3:
            return node
        self.milliseconds = True
        return exp.DataType(this=exp.DataType.Type.TIMESTAMP_MS)


def plain_sql(ran: tuple[Expr, ...]) -> str | None:
    """DuckDB's SQL when that is all that is to be run."""
    return ran[0].sql(dialect="duckdb") if len(ran) == 1 and isinstance(ran[0], _PLAIN) else None


def _is_repeatable(expression: Expr) -> bool:
    if isinstance(expression, exp.Create):
        return expression.kind == "TABLE" and not (expression.expression or expression.args.get("clone"))
    if isinstance(expression, exp.Alter | exp.Drop):
        return expression.args.get("kind") == "TABLE"
    return isinstance(expression, (*_PLAIN, exp.Merge)) and not any(map(expression.args.get, _SPECIAL))
