"""The answer to one statement."""

import uuid
from dataclasses import dataclass, field
from typing import Any

SELECT, INSERT, UPDATE, DELETE, MERGE = 0x1000, 0x3100, 0x3200, 0x3300, 0x3400
TRANSACTION, DEFINITION, SESSION, MULTIPLE = 0x5000, 0x6000, 0x4000, 0xA000


@dataclass
class Result:
    """Rows as they go on the wire. type_id: the statementTypeId by which drivers tell DML from queries."""

    rowtype: list[dict[str, Any]]
    rowset: list[list[Any]]
    type_id: int
    query_id: str = field(default_factory=lambda: str(uuid.uuid4()))


def text_result(columns: list[str], rows: list[list[Any]], type_id: int) -> Result:
    """A result whose columns are all text."""
    return Result([_column(name, "text") for name in columns], rows, type_id)


def status(type_id: int, message: str = "Statement executed successfully.") -> Result:
    """The one row that Snowflake answers a statement without rows with."""
    return text_result(["status"], [[message]], type_id)


def changed(type_id: int, count: int) -> Result:
    """The result of an INSERT, UPDATE or DELETE."""
    names = {INSERT: "inserted", UPDATE: "updated", DELETE: "deleted"}
    columns, row = [_column(f"number of rows {names[type_id]}", "fixed")], [str(count)]
    if type_id == UPDATE:
        columns.append(_column("number of multi-joined rows updated", "fixed"))
        row.append("0")
    return Result(columns, [row], type_id)


def _column(name: str, kind: str) -> dict[str, Any]:
    is_text = kind == "text"
    return {
        "name": name,
        "database": "",
        "schema": "",
        "table": "",
        "nullable": True,
        "type": kind,
        "collation": None,
        "byteLength": 16777216 if is_text else None,
        "length": 16777216 if is_text else None,
        "precision": None if is_text else 19,
        "scale": None if is_text else 0,
    }
