"""What was made of statements before, so that it need not be made again: by this server, or by another of the same run."""

import hashlib
import os
import pickle
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakesnow.conn import FakeSnowflakeConnection
from sqlglot import Expr

from .sql_text import REMEMBERED

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Prepared:
    """What is to be run for a statement: DuckDB's SQL, when that is all there is to it, or else what fakesnow runs.

    milliseconds: whether a TIMESTAMP_NTZ(0..3) was met.
    """

    sql: str | None
    ran: tuple[Expr, ...]
    milliseconds: bool


class PreparedStatements:
    """The statements that are known. shared: a folder in which the servers of a run keep them, each in a file."""

    def __init__(self, shared: str | None) -> None:
        self._shared = Path(shared) if shared else None
        self._known: dict[Key, Prepared] = {}

    def get(self, key: Key) -> Prepared | None:
        """What was made of a statement, if anything."""
        known = self._known.get(key)
        if known is None and self._shared and (file := self._shared / _name(key)).exists():
            known = pickle.loads(file.read_bytes())
            self._keep(key, known)
        return known

    def add(self, key: Key, prepared: Prepared) -> None:
        """Remember what was made of a statement."""
        self._keep(key, prepared)
        if self._shared is None:
            return
        # Whole or not at all: another server may look for it at any moment.
        with tempfile.NamedTemporaryFile(dir=self._shared, delete=False) as file:
            file.write(pickle.dumps(prepared))
        os.replace(file.name, self._shared / _name(key))

    def _keep(self, key: Key, prepared: Prepared) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[key] = prepared


def key_of(connection: FakeSnowflakeConnection, verb: str, sql: str) -> Key:
    """What fakesnow's transformations and checks look at: not at which schema it is, but for the one of views."""
    of_views = connection.schema == "INFORMATION_SCHEMA"
    return sql, verb, connection.database, connection.database_set, connection.schema_set, of_views


def _name(key: Key) -> str:
    return hashlib.sha256(repr(key).encode()).hexdigest()
