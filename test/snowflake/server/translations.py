"""The one table of what is rewritten before fakesnow runs it, and why that is what Snowflake documents.

A statement that no entry names is passed on as it is, and fails loudly when fakesnow or DuckDB cannot run it. Each
application of an entry is logged by its name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import Token, TokenType

from .errors import syntax_error
from .foreign_keys import foreign_key
from .sql_text import BIND_CAST, REMEMBERED, closing, cut, definitions, tokens_of, words

_DOCS = "https://docs.snowflake.com/en/"


@dataclass(frozen=True)
class Context:
    """What CURRENT_...() functions answer in a session."""

    user: str
    role: str
    warehouse: str | None
    account: str


@dataclass(frozen=True)
class Translation:
    """One entry. apply returns the rewritten text, or the same text when it does not concern the statement."""

    name: str
    page: str
    why: str
    apply: Callable[[str, Context], str]


@lru_cache(maxsize=REMEMBERED)
def translate(sql: str, context: Context) -> tuple[str, tuple[Translation, ...]]:
    """Rewrite a statement. Returns the text and the entries that changed it, in order."""
    applied: list[Translation] = []
    for entry in TRANSLATIONS:
        rewritten = entry.apply(sql, context)
        if rewritten != sql:
            applied.append(entry)
            sql = rewritten
    return sql, tuple(applied)


def is_create_table(sql: str) -> bool:
    """Whether the statement is CREATE ... TABLE with a list of columns."""
    head = words(sql, 6)
    return head[:1] == ("CREATE",) and "TABLE" in head and "SELECT" not in head


def is_hybrid(sql: str) -> bool:
    """Whether the statement creates a hybrid table."""
    return is_create_table(sql) and "HYBRID" in words(sql, 4)


def index_definition(tokens: tuple[Token, ...], item: tuple[int, int]) -> tuple[str, list[str]] | None:
    """The name and columns when a definition is an out-of-line INDEX, else None."""
    first = item[0]
    if tokens[first].token_type != TokenType.INDEX or tokens[first + 2].token_type != TokenType.L_PAREN:
        return None
    end = closing(tokens, first + 2)
    columns = [token.text.upper() for token in tokens[first + 3 : end] if token.token_type != TokenType.COMMA]
    return tokens[first + 1].text.upper(), columns


def _hybrid_indexes(sql: str, _: Context) -> str:
    if not is_hybrid(sql):
        return sql
    tokens, ranges = tokens_of(sql), []
    if not any(token.token_type == TokenType.PRIMARY_KEY for token in tokens):
        raise syntax_error("A hybrid table must define a PRIMARY KEY constraint.")
    for item in definitions(tokens):
        if index_definition(tokens, item) or foreign_key(tokens, item):
            # From the comma before it: a table's first definition is never its index.
            ranges.append((tokens[item[0] - 1].start, tokens[item[1]].end))
    return cut(sql, ranges)


def _hybrid_keyword(sql: str, _: Context) -> str:
    if not is_hybrid(sql):
        return sql
    token = next(token for token in tokens_of(sql) if token.text.upper() == "HYBRID")
    return cut(sql, [(token.start, token.end + 1)])


def _standard_constraints(sql: str, _: Context) -> str:
    if not is_create_table(sql) or is_hybrid(sql):
        return sql
    tokens, ranges = tokens_of(sql), []
    for start, end in definitions(tokens):
        item = tokens[start : end + 1]
        kinds = {token.token_type for token in item}
        first = item[0].token_type
        keys = {TokenType.PRIMARY_KEY, TokenType.FOREIGN_KEY, TokenType.UNIQUE}
        if first in keys or (first == TokenType.CONSTRAINT and kinds & keys):
            ranges.append((tokens[start - 1].start, item[-1].end))
        elif kinds & {TokenType.PRIMARY_KEY, TokenType.UNIQUE, TokenType.REFERENCES}:
            ranges.extend(_inline_constraints(item))
    return cut(sql, ranges)


def _inline_constraints(item: tuple[Token, ...]) -> list[tuple[int, int]]:
    ranges = []
    for index, token in enumerate(item):
        if token.token_type in (TokenType.PRIMARY_KEY, TokenType.UNIQUE):
            ranges.append((token.start, token.end))
        elif token.token_type == TokenType.REFERENCES:
            last = closing(item, index + 2) if index + 2 < len(item) else index + 1
            ranges.append((token.start, item[last].end))
    return ranges


def _cluster_by(sql: str, _: Context) -> str:
    if words(sql, 1) != ("CREATE",):
        return sql
    tokens = tokens_of(sql)
    for index in range(len(tokens) - 1):
        if [token.text.upper() for token in tokens[index : index + 2]] in (["CLUSTER", "BY"], ["CLUSTER BY", "("]):
            opening = next(i for i in range(index, len(tokens)) if tokens[i].token_type == TokenType.L_PAREN)
            return cut(sql, [(tokens[index].start, tokens[closing(tokens, opening)].end)])
    return sql


def _index_statement(sql: str, _: Context) -> str:
    head = words(sql, 4)
    if head[:2] in (("CREATE", "INDEX"), ("DROP", "INDEX")) or head[:4] == ("CREATE", "OR", "REPLACE", "INDEX"):
        return "SELECT 'Statement executed successfully.' AS status"
    return sql


def _bind_cast(sql: str, _: Context) -> str:
    ranges = [(token.start, token.end) for token in tokens_of(sql) if token.text == BIND_CAST]
    return cut(sql, ranges, "(?)::")


def _session_functions(sql: str, context: Context) -> str:
    values = {
        "CURRENT_WAREHOUSE": context.warehouse,
        "CURRENT_ROLE": context.role,
        "CURRENT_USER": context.user,
        "CURRENT_ACCOUNT": context.account,
        "CURRENT_REGION": "AWS_EU_WEST_1",
    }
    tokens = tokens_of(sql)
    for index in reversed(range(len(tokens) - 2)):
        name = tokens[index].text.upper()
        if name in values and [token.text for token in tokens[index + 1 : index + 3]] == ["(", ")"]:
            value = values[name]
            literal = "NULL" if value is None else "'" + value.replace("'", "''") + "'"
            sql = cut(sql, [(tokens[index].start, tokens[index + 2].end)], literal)
    return sql


_INSTANT_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"'


def _instant_format(sql: str, _: Context) -> str:
    tokens = tokens_of(sql)
    for index in reversed(range(len(tokens) - 1)):
        if tokens[index].text.upper() != "TO_VARCHAR" or tokens[index + 1].token_type != TokenType.L_PAREN:
            continue
        last = tokens[closing(tokens, index + 1) - 1]
        if last.token_type == TokenType.STRING and last.text == _INSTANT_FORMAT:
            sql = cut(sql, [(last.start, last.end)], "'%Y-%m-%dT%H:%M:%S.%gZ'")
            sql = cut(sql, [(tokens[index].start, tokens[index].end)], "STRFTIME")
    return sql


def _octet_length(sql: str, _: Context) -> str:
    tokens = tokens_of(sql)
    ranges = [
        (token.start, token.end)
        for token, following in zip(tokens, tokens[1:], strict=False)
        if token.text.upper() == "OCTET_LENGTH" and following.token_type == TokenType.L_PAREN
    ]
    return cut(sql, ranges, "STRLEN")


def _sequence_order(sql: str, _: Context) -> str:
    if words(sql, 2) != ("CREATE", "SEQUENCE"):
        return sql
    return cut(sql, [(token.start, token.end) for token in tokens_of(sql) if token.text.upper() == "ORDER"])


TRANSLATIONS: tuple[Translation, ...] = (
    Translation(
        "hybrid-table-index",
        f"{_DOCS}sql-reference/sql/create-hybrid-table",
        "a secondary index changes speed and no result; in DuckDB it would make updates collide. Foreign keys are "
        "enforced in foreign_keys.py",
        _hybrid_indexes,
    ),
    Translation(
        "standard-table-keys",
        f"{_DOCS}sql-reference/constraints-overview",
        "keys of a standard table are not enforced",
        _standard_constraints,
    ),
    Translation(
        "hybrid-table",
        f"{_DOCS}sql-reference/sql/create-hybrid-table",
        "DuckDB has one kind of table, which enforces its keys as hybrid tables do",
        _hybrid_keyword,
    ),
    Translation(
        "cluster-by",
        f"{_DOCS}user-guide/tables-clustering-keys",
        "a clustering key changes where rows are stored and no result",
        _cluster_by,
    ),
    Translation(
        "index-statement",
        f"{_DOCS}sql-reference/sql/create-index",
        "as for the index of a CREATE HYBRID TABLE",
        _index_statement,
    ),
    Translation(
        "bind-cast",
        f"{_DOCS}sql-reference/functions/cast",
        "`?::type` is a cast; the parser takes `?::` for another dialect's operator",
        _bind_cast,
    ),
    Translation(
        "session-function",
        f"{_DOCS}sql-reference/functions-context",
        "the names are the session's, which DuckDB does not know",
        _session_functions,
    ),
    Translation(
        "instant-format",
        f"{_DOCS}sql-reference/functions/to_char",
        "DuckDB has other names for the parts of an instant; this one format is known here, and no other",
        _instant_format,
    ),
    Translation(
        "octet-length",
        f"{_DOCS}sql-reference/functions/octet_length",
        "DuckDB's function of that name is for binary strings; STRLEN is the bytes of a text in UTF-8",
        _octet_length,
    ),
    Translation(
        "sequence-order",
        f"{_DOCS}sql-reference/sql/create-sequence",
        "ORDER has values grow in the order in which they are asked for; DuckDB's always do",
        _sequence_order,
    ),
)

# Rewritten on the parsed statement, in adapted_cursor.py, and logged under this name like the others.
MILLISECONDS = Translation(
    "timestamp-ntz-3",
    f"{_DOCS}sql-reference/data-types-datetime",
    "TIMESTAMP_NTZ(3) keeps milliseconds; fakesnow would keep microseconds",
    lambda sql, _: sql,
)
