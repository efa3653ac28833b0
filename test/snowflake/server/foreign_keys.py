"""Foreign keys of hybrid tables: declared to this server, not to DuckDB.

https://docs.snowflake.com/en/sql-reference/sql/create-hybrid-table: they are enforced. DuckDB enforces them too
eagerly: it refuses to delete a row whose references were deleted in the same transaction, and to drop any column of a
table that is referred to (https://duckdb.org/docs/stable/sql/indexes#over-eager-constraint-checking-in-foreign-keys).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection
from sqlglot import Token, TokenType

from .errors import foreign_key_violated
from .parsed import Parsed
from .write import Write

if TYPE_CHECKING:
    from .catalog import Catalog


@dataclass(frozen=True)
class ForeignKey:
    """A column that holds NULL or the key of a row of another table; names in upper case."""

    column: str
    table: str
    key: str


def foreign_key(tokens: tuple[Token, ...], item: tuple[int, int]) -> ForeignKey | None:
    """What a definition declares when it is an out-of-line FOREIGN KEY of one column, else None."""
    texts = [token.text.upper() for token in tokens[item[0] : item[1] + 1]]
    kinds = [token.token_type for token in tokens[item[0] : item[1] + 1]]
    if TokenType.FOREIGN_KEY not in kinds or kinds[0] not in (TokenType.FOREIGN_KEY, TokenType.CONSTRAINT):
        return None
    rest = texts[kinds.index(TokenType.FOREIGN_KEY) + 1 :]
    if len(rest) != 8 or [rest[at] for at in (0, 2, 3, 5, 7)] != ["(", ")", "REFERENCES", "(", ")"]:
        return None
    return ForeignKey(rest[1], rest[4], rest[6])


def check(duck: DuckDBPyConnection, parsed: Parsed, catalog: "Catalog", table: str, write: Write) -> None:
    """Raise SnowflakeError when a write to a table has left a reference to a row that is not there."""
    for hybrid in catalog.all():
        for key in hybrid.foreign_keys:
            refers = table == hybrid.name and write.may_bring(key.column)
            is_referred_to = table == key.table and write.may_take(key.key)
            if (refers or is_referred_to) and _is_broken(duck, parsed, hybrid.name, key):
                raise foreign_key_violated()


def _is_broken(duck: DuckDBPyConnection, parsed: Parsed, table: str, key: ForeignKey) -> bool:
    sql = (
        f'SELECT 1 FROM "{table}" AS child WHERE child."{key.column}" IS NOT NULL AND NOT EXISTS '
        f'(SELECT 1 FROM "{key.table}" AS parent WHERE parent."{key.key}" = child."{key.column}") LIMIT 1'
    )
    return bool(parsed.execute(duck, sql).fetchall())
