"""Values on the wire: bind variables in, rows and their types out, as Snowflake's JSON row set carries them."""

import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from .errors import not_supported_here

# The decimal places in which one unit of an Arrow time is counted, and the scale that Snowflake would report.
# TIMESTAMP_NTZ(3) is stored as TIMESTAMP_MS; every other precision is stored in microseconds and reported as the
# default, 9 (https://docs.snowflake.com/en/sql-reference/data-types-datetime#timestamp).
_UNITS = {"s": (0, 0), "ms": (3, 3), "us": (6, 9), "ns": (9, 9)}


def decode_bindings(bindings: dict[str, dict[str, Any]] | None) -> list[Any]:
    """The driver's map {"1": {"type", "value"}, ...} as a list in order.

    The Node driver sends every value as a string or null, under FIXED, REAL, TEXT, BOOLEAN or VARIANT.
    Raises SnowflakeError for array binding.
    """
    if not bindings:
        return []
    return [_decode(bindings[str(position)]) for position in range(1, len(bindings) + 1)]


def _decode(binding: dict[str, Any]) -> Any:
    value, kind = binding.get("value"), str(binding.get("type", "TEXT")).upper()
    if value is None:
        return None
    if isinstance(value, list):
        raise not_supported_here("array binding; use VALUES with several rows")
    if kind == "FIXED":
        return int(value)
    if kind == "REAL":
        return float(value)
    if kind == "BOOLEAN":
        return str(value).lower() == "true"
    if kind in ("TEXT", "VARIANT"):
        return str(value)
    raise not_supported_here(f"bind variables of type {kind}")


def encode_table(table: pa.Table, time_zone_columns: frozenset[str]) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """The rowtype and the rowset of a result.

    time_zone_columns: upper-case names of columns declared TIMESTAMP_TZ. DuckDB keeps one type with a time zone, so
    all others are sent as TIMESTAMP_LTZ, which is what CURRENT_TIMESTAMP returns.
    """
    rowtype: list[dict[str, Any]] = []
    columns: list[list[str | None]] = []
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = _kind(field, time_zone_columns)
        rowtype.append(_column_type(field, kind))
        columns.append(_encode_column(column, field.type, kind))
    return rowtype, [list(row) for row in zip(*columns, strict=True)] if columns else []


def _kind(field: pa.Field, time_zone_columns: frozenset[str]) -> str:
    arrow = field.type
    if pa.types.is_boolean(arrow):
        return "boolean"
    if pa.types.is_integer(arrow) or pa.types.is_decimal(arrow):
        return "fixed"
    if pa.types.is_floating(arrow):
        return "real"
    if pa.types.is_timestamp(arrow):
        if arrow.tz is None:
            return "timestamp_ntz"
        return "timestamp_tz" if field.name.upper() in time_zone_columns else "timestamp_ltz"
    if pa.types.is_date(arrow):
        return "date"
    if pa.types.is_time(arrow):
        return "time"
    if pa.types.is_binary(arrow) or pa.types.is_large_binary(arrow):
        return "binary"
    if pa.types.is_string(arrow) or pa.types.is_large_string(arrow) or pa.types.is_null(arrow):
        return "text"
    if isinstance(arrow, pa.BaseExtensionType):
        return "variant"
    raise not_supported_here(f"result column {field.name} of type {arrow}")


def _column_type(field: pa.Field, kind: str) -> dict[str, Any]:
    length = 16777216 if kind in ("text", "variant") else 8388608 if kind == "binary" else None
    precision, scale = None, None
    if kind == "fixed":
        precision, scale = 38, 0
        if pa.types.is_decimal(field.type):
            precision, scale = field.type.precision, field.type.scale
    elif kind == "time" or kind.startswith("timestamp"):
        precision, scale = 0, _UNITS[field.type.unit][1]
    return {
        "name": field.name,
        "database": "",
        "schema": "",
        "table": "",
        "nullable": True,
        "type": kind,
        "byteLength": length,
        "length": length,
        "precision": precision,
        "scale": scale,
        "collation": None,
    }


def _encode_column(column: pa.ChunkedArray, arrow: pa.DataType, kind: str) -> list[str | None]:
    if kind == "time" or kind.startswith("timestamp"):
        places, scale = _UNITS[arrow.unit]
        # TIMESTAMP_TZ carries its offset in minutes plus 1440; DuckDB keeps the instant only, so it is always UTC.
        suffix = " 1440" if kind == "timestamp_tz" else ""
        integers = column.cast(pa.int64() if arrow.bit_width == 64 else pa.int32()).to_pylist()
        return [None if value is None else _seconds(value, places, scale) + suffix for value in integers]
    return [None if value is None else _text(value, kind) for value in column.to_pylist()]


def _seconds(value: int, places: int, scale: int) -> str:
    """An integer count of 10^-places seconds as decimal seconds with `scale` digits, exactly."""
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).rjust(places + 1, "0")
    whole, fraction = (digits[:-places], digits[-places:]) if places else (digits, "")
    return f"{sign}{whole}.{fraction.ljust(scale, '0')}" if scale else f"{sign}{whole}"


def _text(value: Any, kind: str) -> str:
    if kind == "boolean":
        return "1" if value else "0"
    if kind == "date":
        return str((value - datetime.date(1970, 1, 1)).days)
    if kind == "binary":
        return bytes(value).hex().upper()
    if isinstance(value, Decimal):
        return format(value, "f")
    return repr(value) if kind == "real" else str(value)
