"""Statements that the server answers itself: a session's parameters, and what is known of hybrid tables."""

import re
from typing import Any

from sqlglot import TokenType

from .catalog import Catalog, HybridTable
from .errors import SnowflakeError, not_supported_here, syntax_error
from .foreign_keys import foreign_key
from .results import DEFINITION, SESSION, Result, status, text_result
from .session import ACCOUNT_DEFAULTS, DEFAULTS, Session, account_parameters, set_account_parameter
from .sql_text import definitions, tokens_of
from .translations import index_definition, is_create_table, is_hybrid

# Matched against a statement's tokens joined by one space, in upper case.
_CREATE_INDEX = re.compile(r"CREATE (?:OR REPLACE )?INDEX (?:IF NOT EXISTS )?(\S+) ON (?:\S+ \. )*(\S+) \( (.*?) \)")
_DROP_INDEX = re.compile(r"DROP INDEX (?:IF EXISTS )?(?:\S+ \. )*?(\S+) \. (\S+)$")


def answer(session: Session, catalog: Catalog, sql: str, head: tuple[str, ...]) -> Result | None:
    """The answer to a statement of this module, or None when it is another one."""
    if head[:2] == ("ALTER", "SESSION"):
        return _alter_session(session, sql)
    if head[:2] == ("ALTER", "SCHEMA"):
        return _alter_schema(catalog, sql)
    if head[:2] == ("ALTER", "ACCOUNT"):
        return _alter_account(session, sql)
    if head[:2] == ("SHOW", "PARAMETERS"):
        return _show_parameters(session, catalog, sql)
    if head == ("SHOW", "HYBRID", "TABLES"):
        return _show_hybrid_tables(session, catalog, sql)
    if head[:2] == ("SHOW", "INDEXES"):
        return _show_indexes(session, catalog)
    if head[:2] == ("USE", "SECONDARY"):
        return _use_secondary_roles(session, sql)
    if head[:2] in (("USE", "WAREHOUSE"), ("USE", "ROLE")):
        return status(SESSION)
    return None


def declared_table(sql: str) -> str | None:
    """The upper-case name of the table that a CREATE TABLE or DROP TABLE names, else None."""
    tokens = tokens_of(sql)
    if tokens[0].text.upper() not in ("CREATE", "DROP"):
        return None
    for index, token in enumerate(tokens[:5]):
        if token.token_type == TokenType.TABLE:
            rest = [t for t in tokens[index + 1 :] if t.text.upper() not in ("IF", "NOT", "EXISTS")]
            name, parts = rest[0].text, rest[1:]
            while len(parts) >= 2 and parts[0].token_type == TokenType.DOT:
                name, parts = parts[1].text, parts[2:]
            return name.upper()
    return None


def record_definition(catalog: Catalog, sql: str, table: str | None) -> None:
    """Note what a definition that ran has changed about hybrid tables and their indexes."""
    tokens = tokens_of(sql)
    text = " ".join(token.text.upper() for token in tokens)
    if created := _CREATE_INDEX.match(text):
        if hybrid := catalog.get(created[2]):
            hybrid.indexes[created[1]] = created[3].split(" , ")
    elif dropped := _DROP_INDEX.match(text):
        if hybrid := catalog.get(dropped[1]):
            hybrid.indexes.pop(dropped[2], None)
    elif table and tokens[0].text.upper() == "DROP":
        catalog.remove(table)
    elif table and is_hybrid(sql):
        if not (catalog.get(table) and "IF NOT EXISTS" in text):
            found = (index_definition(tokens, item) for item in definitions(tokens))
            keys = (foreign_key(tokens, item) for item in definitions(tokens))
            catalog.add(HybridTable(table, dict(index for index in found if index), [key for key in keys if key]))
    elif table and is_create_table(sql) and "IF NOT EXISTS" not in text:
        catalog.remove(table)


def _use_secondary_roles(session: Session, sql: str) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/use-secondary-roles, without roles by name."""
    words = [token.text.upper() for token in tokens_of(sql)]
    if words[2:3] != ["ROLES"] or words[3:] not in (["ALL"], ["NONE"]):
        raise syntax_error("syntax error in USE SECONDARY ROLES.")
    session.secondary_roles = words[3]
    return status(SESSION)


def _alter_session(session: Session, sql: str) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/alter-session"""
    body = re.match(r"\s*ALTER\s+SESSION\s+(SET|UNSET)\s+(.*)", sql, re.IGNORECASE | re.DOTALL)
    if not body:
        raise syntax_error("syntax error in ALTER SESSION.")
    if body[1].upper() == "UNSET":
        for name in re.split(r"[\s,]+", body[2].strip()):
            set_parameter(session, name, DEFAULTS.get(name.upper()))
        return status(SESSION)
    pairs = re.findall(r"(\w+)\s*=\s*('(?:[^']|'')*'|[^\s,]+)", body[2])
    if not pairs:
        raise syntax_error("syntax error in ALTER SESSION.")
    for name, value in pairs:
        set_parameter(session, name, value)
    return status(SESSION)


def _alter_account(session: Session, sql: str) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/alter-account, for one parameter of the account."""
    body = re.fullmatch(r"\s*ALTER\s+ACCOUNT\s+SET\s+(\w+)\s*=\s*'([^']*)'\s*", sql, re.IGNORECASE)
    if not body:
        raise not_supported_here("ALTER ACCOUNT but for one parameter")
    if session.context.role != "ACCOUNTADMIN":
        message = "SQL access control error:\nInsufficient privileges to operate on account"
        raise SnowflakeError("003001", "42501", message)
    try:
        set_account_parameter(body[1].upper(), body[2].upper())
    except ValueError as error:
        raise SnowflakeError("001008", "22023", f"SQL compilation error:\n{error}") from None
    return status(SESSION)


def set_parameter(session: Session, name: str, value: Any) -> None:
    """Set a session parameter from its text or value. Raises SnowflakeError when it is unknown or of another type."""
    name = name.upper()
    if name not in DEFAULTS:
        raise SnowflakeError("001006", "22023", f"SQL compilation error:\ninvalid property '{name}' for 'SESSION'")
    default, text = DEFAULTS[name], str(value)
    parsed: Any = text[1:-1].replace("''", "'") if text.startswith("'") else text
    if isinstance(default, bool):
        if parsed.upper() not in ("TRUE", "FALSE"):
            raise _invalid_value(name, text)
        parsed = parsed.upper() == "TRUE"
    elif isinstance(default, int):
        if not parsed.isdigit():
            raise _invalid_value(name, text)
        parsed = int(parsed)
    if name == "AUTOCOMMIT" and parsed is False:
        raise not_supported_here("AUTOCOMMIT = FALSE; use BEGIN")
    if name == "TIMEZONE":
        session.connection._duck_conn.execute("SET TimeZone = '" + parsed.replace("'", "''") + "'")  # noqa: SLF001
    session.parameters[name] = parsed


def _invalid_value(name: str, text: str) -> SnowflakeError:
    return SnowflakeError("001008", "22023", f"SQL compilation error:\ninvalid value [{text}] for parameter '{name}'")


def _alter_schema(catalog: Catalog, sql: str) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/alter-schema, for one of its parameters."""
    found = re.fullmatch(
        r"\s*ALTER\s+SCHEMA\s+(\w+)\s+SET\s+DEFAULT_DDL_COLLATION\s*=\s*'([^']*)'\s*", sql, re.IGNORECASE
    )
    if not found:
        raise not_supported_here("ALTER SCHEMA but for DEFAULT_DDL_COLLATION")
    catalog.default_collations[found[1].upper()] = found[2]
    return status(DEFINITION)


def _show_parameters(session: Session, catalog: Catalog, sql: str) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/show-parameters"""
    columns = ["key", "value", "default", "level", "description", "type"]
    if re.search(r"\bIN\s+SCHEMA\s*$", sql, re.IGNORECASE):
        value = catalog.default_collations.get(str(session.connection.schema), "")
        parameters = {"DEFAULT_DDL_COLLATION": value}
        rows = [[name, value, "", "SCHEMA" if value else "", "", "STRING"] for name, value in parameters.items()]
        return text_result(columns, [row for row in rows if _is_like(row[0], sql)], SESSION)
    in_account = re.search(r"\b(?:IN|FOR)\s+ACCOUNT\s*$", sql, re.IGNORECASE)
    level, parameters, defaults = "SESSION", session.parameters, DEFAULTS
    if in_account:
        level, parameters, defaults = "ACCOUNT", {**DEFAULTS, **account_parameters}, {**DEFAULTS, **ACCOUNT_DEFAULTS}
    rows = [
        [name, _shown(value), _shown(defaults[name]), level if value != defaults[name] else "", "", _type(value)]
        for name, value in sorted(parameters.items())
        if _is_like(name, sql)
    ]
    return text_result(columns, rows, SESSION)


def _show_hybrid_tables(session: Session, catalog: Catalog, sql: str) -> Result:
    """The columns that https://docs.snowflake.com/en/sql-reference/sql/create-hybrid-table#examples shows."""
    place = [session.connection.database, session.connection.schema]
    names = [table.name for table in catalog.all() if _is_like(table.name, sql)]
    rows = [[None, name, *place, session.context.role, "1", None, None, ""] for name in names]
    columns = "created_on name database_name schema_name owner datastore_id rows bytes comment"
    return text_result(columns.split(), rows, SESSION)


def _show_indexes(session: Session, catalog: Catalog) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/show-indexes, without the indexes of keys."""
    place = [session.connection.database, session.connection.schema]
    rows = [
        [None, name, "N", "[" + ", ".join(columns) + "]", "[]", table.name, *place, session.context.role]
        for table in catalog.all()
        for name, columns in sorted(table.indexes.items())
    ]
    columns = "created_on name is_unique columns included_columns table database_name schema_name owner"
    return text_result(columns.split(), rows, SESSION)


def _is_like(name: str, sql: str) -> bool:
    found = re.search(r"\bLIKE\s+'([^']*)'", sql, re.IGNORECASE)
    if not found:
        return True
    pattern = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in found[1])
    return re.fullmatch(pattern, name, re.IGNORECASE) is not None


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(value: Any) -> str:
    return "BOOLEAN" if isinstance(value, bool) else "NUMBER" if isinstance(value, int) else "STRING"
