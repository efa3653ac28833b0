"""ALTER TABLE: what Snowflake refuses and DuckDB would take, and what DuckDB refuses and Snowflake takes.

https://docs.snowflake.com/en/sql-reference/sql/alter-table. fakesnow makes one statement of DuckDB's of each column
that is added.
"""

from dataclasses import dataclass

from sqlglot import Token, TokenType

from .catalog import Catalog
from .errors import not_supported_here, syntax_error
from .sql_text import tokens_of, words

# "You can't specify IF NOT EXISTS if you are also specifying any of these for the new column".
_NOT_WITH_IF = {"DEFAULT", "AUTOINCREMENT", "IDENTITY", "UNIQUE", "PRIMARY KEY", "FOREIGN KEY", "REFERENCES"}
_ADD = ("ADD",)
_DROP = ("DROP",)


Column = tuple[Token, ...]


@dataclass(frozen=True)
class Alteration:
    """An ALTER TABLE that adds, drops or widens columns: what stands after the verb, column by column."""

    table: str
    verb: str
    columns: tuple[Column, ...]


def check(sql: str, catalog: Catalog) -> Alteration | None:
    """The alteration that a statement is, if it is one. Raises SnowflakeError for one that is not allowed."""
    if words(sql, 2) != ("ALTER", "TABLE"):
        return None
    alteration = _parse(tokens_of(sql))
    if alteration.verb == "ADD":
        _check_added(alteration)
    elif alteration.verb == "DROP":
        _check_dropped(alteration, catalog)
    else:
        _check_widened(alteration, catalog)
    return alteration


def definition_of(column: Column) -> Column:
    """The definition of a column that is added: its name, its type, and so on."""
    return tuple(_without(list(column), "IF", "NOT", "EXISTS"))


def type_of(column: Column) -> Column:
    """The name of a column that is widened, and its type."""
    name, *rest = _without(list(column), "COLUMN")
    return (name, *rest[3:])


def _texts(column: Column) -> tuple[str, ...]:
    return tuple(token.text.upper() for token in column)


def _parse(tokens: tuple[Token, ...]) -> Alteration:
    rest = list(tokens[2:])
    rest = _without(rest, "IF", "EXISTS")
    table, rest = rest[0].text.upper(), rest[1:]
    while len(rest) >= 2 and rest[0].token_type == TokenType.DOT:
        table, rest = rest[1].text.upper(), rest[2:]
    verb = rest[0].text.upper() if rest else ""
    if verb == "MODIFY":
        verb = "ALTER"
    if verb not in ("ADD", "DROP", "ALTER"):
        raise not_supported_here(f"ALTER TABLE … {verb}")
    rest = _without(rest[1:], "COLUMN")
    return Alteration(table, verb, tuple(_columns(rest)))


def _columns(tokens: list[Token]) -> list[Column]:
    columns: list[Column] = []
    column: list[Token] = []
    depth = 0
    for token in tokens:
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if token.token_type == TokenType.COMMA and depth == 0:
            columns.append(tuple(column))
            column = []
        else:
            column.append(token)
    return [*columns, tuple(column)]


def _check_added(alteration: Alteration) -> None:
    for column in map(_texts, alteration.columns):
        # ADD is written once, before the first of them.
        if column[:1] in (_ADD, _DROP) or column[:1] == ("COLUMN",) or not column:
            raise syntax_error(f"syntax error unexpected '{column[0] if column else '<EOF>'}'.")
        if column[:3] == ("IF", "NOT", "EXISTS") and (refused := _NOT_WITH_IF & set(column)):
            raise syntax_error(f"IF NOT EXISTS cannot be combined with {min(refused)}.")


def _check_dropped(alteration: Alteration, catalog: Catalog) -> None:
    """A column of an index has to stay: https://docs.snowflake.com/en/user-guide/tables-hybrid-limitations"""
    hybrid = catalog.get(alteration.table)
    for column in map(_texts, alteration.columns):
        name = column[-1] if column else ""
        if name in ("", "COLUMN") or column[:1] in (_ADD, _DROP):
            raise syntax_error(f"syntax error unexpected '{name or '<EOF>'}'.")
        if hybrid and any(name in columns for columns in hybrid.indexes.values()):
            raise syntax_error(f"Column '{name}' cannot be dropped: an index has it.")


def _check_widened(alteration: Alteration, catalog: Catalog) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/alter-table-column: here, only the type of a text."""
    if catalog.get(alteration.table):
        raise not_supported_here("another type for a column of a hybrid table")
    for column in map(_texts, alteration.columns):
        texts = column[1:] if column[:1] == ("COLUMN",) else column
        if texts[1:4] != ("SET", "DATA", "TYPE") or texts[4:5] != ("VARCHAR",):
            raise not_supported_here("ALTER COLUMN but for SET DATA TYPE VARCHAR")


def _without(tokens: list[Token], *texts: str) -> list[Token]:
    found = tuple(token.text.upper() for token in tokens[: len(texts)])
    return tokens[len(texts) :] if found == texts else tokens
