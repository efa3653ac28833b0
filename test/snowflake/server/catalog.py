"""What fakesnow's information schema lacks: which tables are hybrid, their indexes and foreign keys, and the precision of
timestamps.
"""

from dataclasses import dataclass, field

import fakesnow.info_schema as info_schema
from duckdb import DuckDBPyConnection

from .foreign_keys import ForeignKey

_REGISTRY = "_fs_global.main._hybrid_tables"


@dataclass
class HybridTable:
    """A hybrid table as its CREATE statement declared it."""

    name: str
    indexes: dict[str, list[str]] = field(default_factory=dict)
    foreign_keys: list[ForeignKey] = field(default_factory=list)


def extend_information_schema() -> None:
    """Correct fakesnow's views; call once, before the first database is made.

    - TABLES.IS_HYBRID: https://docs.snowflake.com/en/sql-reference/info-schema/tables
    - COLUMNS.DATA_TYPE of a TIMESTAMP_NTZ(3) column, and DATETIME_PRECISION:
      https://docs.snowflake.com/en/sql-reference/info-schema/columns
    """
    columns = info_schema.SQL_CREATE_GLOBAL_INFORMATION_SCHEMA_COLUMNS_VIEW
    if "TIMESTAMP_MS" in columns:
        return
    columns = _replace(
        columns,
        "columns.data_type='TIMESTAMP' then",
        "starts_with(columns.data_type, 'TIMESTAMP') and columns.data_type<>'TIMESTAMP WITH TIME ZONE' then",
    )
    columns = _replace(
        columns,
        "    null::VARCHAR as IDENTITY_START,",
        "    case columns.data_type when 'TIMESTAMP_MS' then 3 when 'TIMESTAMP' then 9 "
        "when 'TIMESTAMP WITH TIME ZONE' then 9 end as DATETIME_PRECISION,\n"
        "    null::VARCHAR as IDENTITY_START,",
    )
    info_schema.SQL_CREATE_GLOBAL_INFORMATION_SCHEMA_COLUMNS_VIEW = columns
    template = info_schema.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW
    template.template = _replace(
        template.template,
        "'NO' AS \"IS_HYBRID\"",
        f"case when exists (select 1 from {_REGISTRY} h where h.name = tables.table_name) then 'YES' else 'NO' end "
        'AS "IS_HYBRID"',
    )


def _replace(text: str, old: str, new: str) -> str:
    if old not in text:
        raise RuntimeError(f"fakesnow's information schema has changed: {old!r} is not in it")
    return text.replace(old, new)


class Catalog:
    """The hybrid tables of the server's database, by upper-case name.

    One process holds one database, so the name alone identifies a table. default_collations: DEFAULT_DDL_COLLATION of
    the schemas that have one.
    """

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        self._tables: dict[str, HybridTable] = {}
        self.default_collations: dict[str, str] = {}
        connection.execute(f"CREATE TABLE IF NOT EXISTS {_REGISTRY} (name VARCHAR)")

    def add(self, table: HybridTable) -> None:
        """Record a hybrid table that was created."""
        self.remove(table.name)
        self._tables[table.name] = table
        self._connection.cursor().execute(f"INSERT INTO {_REGISTRY} VALUES (?)", [table.name])

    def remove(self, name: str) -> None:
        """Forget a table that was dropped or replaced; unknown names are ignored."""
        if self._tables.pop(name, None):
            self._connection.cursor().execute(f"DELETE FROM {_REGISTRY} WHERE name = ?", [name])

    def remove_dropped(self) -> None:
        """Forget the tables that went with their schema."""
        rows = self._connection.cursor().execute("SELECT upper(table_name) FROM duckdb_tables()").fetchall()
        for name in set(self._tables) - {name for (name,) in rows}:
            self.remove(name)

    def get(self, name: str) -> HybridTable | None:
        """The hybrid table of that name, or None."""
        return self._tables.get(name)

    def all(self) -> list[HybridTable]:
        """Every hybrid table, by name."""
        return [self._tables[name] for name in sorted(self._tables)]
