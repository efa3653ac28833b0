"""The lengths of VARCHAR columns, which DuckDB does not keep.

https://docs.snowflake.com/en/sql-reference/data-types-text: a text that is longer than its column is refused, not cut.
A column of a CREATE TABLE ... AS SELECT is as long as the expression that it is made of.
"""

from duckdb import DuckDBPyConnection
from fakesnow.dialect import parse_one
from sqlglot import Token, TokenType, exp

from .errors import not_supported_here, string_too_long, syntax_error
from .parsed import Parsed
from .sql_text import closing, definitions, tokens_of
from .write import Write

_TEXTS = {"VARCHAR", "STRING", "TEXT", "CHAR", "CHARACTER"}


class Lengths:
    """The longest text of each column of each table, by the schema and the table in upper case."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], dict[str, int]] = {}

    def create(self, schema: str, table: str, sql: str) -> None:
        """Note what a CREATE TABLE declares; one that is there already keeps what it has."""
        texts = [token.text.upper() for token in tokens_of(sql)]
        if (schema, table) in self._tables and "REPLACE" not in texts[:3]:
            return
        query = _query(sql)
        self._tables[schema, table] = _of_query(query) if query else _of_definitions(tokens_of(sql))

    def drop(self, schema: str, table: str) -> None:
        """Forget a table."""
        self._tables.pop((schema, table), None)

    def remove(self, schema: str, table: str, column: str) -> None:
        """Forget a column."""
        self._tables.get((schema, table), {}).pop(column, None)

    def add(self, schema: str, table: str, column: tuple[Token, ...]) -> None:
        """Note a column that ALTER TABLE has added; one that is there already keeps what it has."""
        known = self._tables.setdefault((schema, table), {})
        for name, length in _of_column(column).items():
            known.setdefault(name, length)

    def widen(self, schema: str, table: str, column: tuple[Token, ...]) -> None:
        """Change the length of a column, which can only grow.

        https://docs.snowflake.com/en/sql-reference/sql/alter-table-column
        """
        known = self._tables.get((schema, table), {})
        for name, length in _of_column(column).items():
            if length < known.get(name, length):
                raise syntax_error(f"cannot change column {name}: reducing the length of a text is not supported.")
            known[name] = length

    def check(self, duck: DuckDBPyConnection, parsed: Parsed, schema: str, table: str, write: Write) -> None:
        """Raise SnowflakeError when a write to a table has left a text that is too long in it."""
        lengths = self._tables.get((schema, table), {})
        known = {column: length for column, length in lengths.items() if write.may_bring(column)}
        if not known:
            return
        too_long = " OR ".join(f'length("{column}") > {length}' for column, length in known.items())
        names = ", ".join(f'"{column}"' for column in known)
        row = parsed.execute(duck, f'SELECT {names} FROM "{table}" WHERE {too_long} LIMIT 1').fetchone()
        for (column, length), value in zip(known.items(), row or (), strict=False):
            if value is not None and len(value) > length:
                raise string_too_long(table, column, value)


def _query(sql: str) -> exp.Query | None:
    """The query of a CREATE TABLE ... AS SELECT, else None."""
    texts = [token.text.upper() for token in tokens_of(sql)]
    if ("AS", "SELECT") not in zip(texts, texts[1:], strict=False):
        return None
    created = parse_one(sql)
    query = created.expression if isinstance(created, exp.Create) else None
    return query if isinstance(query, exp.Query) else None


def _of_query(query: exp.Query) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for selected in query.selects:
        name, value = selected.alias_or_name.upper(), selected.unalias()
        if isinstance(value, exp.Literal) and value.is_string:
            lengths[name] = max(1, len(value.name))
        elif isinstance(value, exp.Cast) and value.to.is_type(*exp.DataType.TEXT_TYPES):
            if value.to.expressions:
                lengths[name] = int(value.to.expressions[0].name)
        elif not isinstance(value, exp.Cast | exp.Literal):
            raise not_supported_here("the length of a column of CREATE TABLE ... AS SELECT: cast it")
    return lengths


def _of_definitions(tokens: tuple[Token, ...]) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for start, end in definitions(tokens):
        lengths |= _of_column(tokens[start : end + 1])
    return lengths


def _of_column(tokens: tuple[Token, ...]) -> dict[str, int]:
    """The length of a column that is defined as `name VARCHAR(n) ...`; nothing for one without a length."""
    texts = [token.text.upper() for token in tokens]
    if len(texts) < 2 or texts[1] not in _TEXTS:
        return {}
    if len(tokens) > 2 and tokens[2].token_type == TokenType.L_PAREN:
        return {texts[0]: int("".join(texts[3 : closing(tokens, 2)]))}
    return {texts[0]: 1} if texts[1] in ("CHAR", "CHARACTER") else {}
