"""Parse what a run of the tests has sent, as Snowflake's SQL: `python parse_statements.py FILE`.

FILE is what server/statements.py writes. Two parsers that know nothing of this project read each statement: sqlglot
and sqlfluff, both in their dialect of Snowflake. What one of them does not know has to be read by the other, and
stands below by its beginning. Exits with 1 when a statement is not read, or is one that the store should not send.
"""

import json
import logging
import re
import sys
from collections.abc import Callable

import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp

# Snowflake documents these, and the parser does not know them.
_UNKNOWN_TO_SQLGLOT = re.compile(
    r"CREATE HYBRID TABLE |SHOW (PARAMETERS LIKE|INDEXES)\b|ALTER (ACCOUNT|SCHEMA) "
    r"|ALTER TABLE \w+ ALTER\s+COLUMN \w+ SET DATA TYPE [^,]+,"
)
_UNKNOWN_TO_SQLFLUFF = re.compile(r"(CREATE|DROP) INDEX |SHOW INDEXES\b|ALTER SESSION SET \w+ = \S+,")

# Snowflake takes these, and advises against them.
_AVOIDED: dict[str, str] = {
    r"MERGE\b": "MERGE for rows that are known: UPDATE and INSERT",
    r"BEGIN\s*$": "BEGIN without TRANSACTION",
}

_linter = Linter(
    config=FluffConfig(
        configs={
            "core": {"dialect": "snowflake", "templater": "placeholder", "large_file_skip_byte_limit": 0},
            "templater": {"placeholder": {"param_style": "question_mark"}},
        }
    )
)


def main() -> int:
    """Read the file, print what is wrong, return the exit code."""
    with open(sys.argv[1], encoding="utf-8") as file:
        statements = sorted({_shorten(json.loads(line)) for line in file})
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    faults = [f"{fault}\n{sql}\n" for sql in statements for fault in _faults(sql)]
    for fault in faults:
        print(fault)
    print(f"{len(statements)} statements parsed, {len(faults)} faults")
    return 1 if faults or not statements else 0


def _shorten(sql: str) -> str:
    """Lists of values are as long as there are rows: one of each is enough to parse."""
    sql = re.sub(r"(\((?:\?|NULL|TRUE|FALSE)(?:, (?:\?|NULL|TRUE|FALSE))*\))(?:, \((?:\?|NULL|TRUE|FALSE|, )+\))+", r"\1", sql)
    sql = re.sub(r"IN \((?:\?, )+\?\)", "IN (?, ?)", sql)
    # What is explained is parsed itself.
    return re.sub(r"^\s*EXPLAIN USING TEXT\s+", "", sql).strip()


def _faults(sql: str) -> list[str]:
    faults = [f"avoid: {why}" for pattern, why in _AVOIDED.items() if re.match(pattern, sql)]
    for name, parse, unknown in (
        ("sqlglot", _parse_with_sqlglot, _UNKNOWN_TO_SQLGLOT),
        ("sqlfluff", _parse_with_sqlfluff, _UNKNOWN_TO_SQLFLUFF),
    ):
        fault = _try(parse, sql)
        if bool(fault) != bool(unknown.match(sql)):
            faults.append(f"{name}: {fault or 'it is known by now: take it off the list'}")
    return faults


def _try(parse: Callable[[str], str | None], sql: str) -> str | None:
    try:
        return parse(sql)
    except Exception as error:  # whatever a parser raises says that it could not read it
        return str(error) or repr(error)


def _parse_with_sqlglot(sql: str) -> str | None:
    # sqlglot reads `?::` as one operator, that of another dialect.
    parsed = sqlglot.parse_one(sql.replace("?::", "(?)::"), read="snowflake")
    return "not known to it" if parsed.find(exp.Command) else None


def _parse_with_sqlfluff(sql: str) -> str | None:
    # It takes the name of this table for the keyword of SELECT ... CHANGES, which is not reserved.
    violations = _linter.parse_string(re.sub(r"\bchanges\b", '"CHANGES"', sql)).violations
    return str(violations[0]) if violations else None


sys.exit(main())
