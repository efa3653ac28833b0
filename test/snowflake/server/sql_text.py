"""SQL text by its tokens: splitting a batch into statements, counting bind variables, cutting pieces out.

The tokens are sqlglot's for Snowflake, so strings, comments and $$ quoting are never mistaken for code.
"""

from dataclasses import dataclass
from functools import lru_cache

from sqlglot import Token, TokenType
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import TokenError

from .errors import syntax_error

# sqlglot reads `?::` as one operator, that of a dialect in which it means TRY_CAST.
BIND_CAST = "?::"

# Of how many texts it is remembered what was found out about them: the suites send the same ones again and again.
REMEMBERED = 2000


@dataclass(frozen=True)
class Statement:
    """One statement of a request: its text, how many `?` it holds, and where it starts in the request's text."""

    text: str
    binds: int
    position: int


class _Snowflake(Snowflake):
    """sqlglot's dialect, for which what follows EXPLAIN is a statement, and no text."""

    class Tokenizer(Snowflake.Tokenizer):
        KEYWORDS = {word: kind for word, kind in Snowflake.Tokenizer.KEYWORDS.items() if word != "EXPLAIN"}


@lru_cache(maxsize=REMEMBERED)
def tokens_of(sql: str) -> tuple[Token, ...]:
    """The tokens of a text. Raises SnowflakeError when it cannot be read."""
    try:
        return tuple(_Snowflake().tokenize(sql))
    except TokenError as error:
        raise syntax_error(str(error)) from None


def is_bind(token: Token) -> bool:
    """Whether the token is a positional bind variable."""
    return token.token_type == TokenType.PLACEHOLDER or token.text == BIND_CAST


@lru_cache(maxsize=REMEMBERED)
def split(sql: str) -> tuple[Statement, ...]:
    """The statements of a request, without the semicolons between them."""
    statements: list[Statement] = []
    run: list[Token] = []
    for token in (*tokens_of(sql), None):
        if token is not None and token.token_type != TokenType.SEMICOLON:
            run.append(token)
        elif run:
            start = run[0].start
            statements.append(Statement(sql[start : run[-1].end + 1], sum(map(is_bind, run)), start))
            run = []
    return tuple(statements)


def words(sql: str, count: int) -> tuple[str, ...]:
    """The first tokens of a statement in upper case; a two-word token such as PRIMARY KEY counts as its words."""
    joined = " ".join(token.text.upper() for token in tokens_of(sql)[:count])
    return tuple(joined.split()[:count])


def cut(sql: str, ranges: list[tuple[int, int]], replacement: str = "") -> str:
    """The text with each [start, end] (both inclusive) replaced; ranges must not overlap."""
    for start, end in sorted(ranges, reverse=True):
        sql = sql[:start] + replacement + sql[end + 1 :]
    return sql


def closing(tokens: tuple[Token, ...], opening: int) -> int:
    """The index of the parenthesis that closes the one at `opening`. Raises SnowflakeError when none does."""
    depth = 0
    for index in range(opening, len(tokens)):
        if tokens[index].token_type == TokenType.L_PAREN:
            depth += 1
        elif tokens[index].token_type == TokenType.R_PAREN:
            depth -= 1
            if depth == 0:
                return index
    raise syntax_error("unexpected '<EOF>', a parenthesis is not closed.")


def definitions(tokens: tuple[Token, ...]) -> list[tuple[int, int]]:
    """The first and last token index of every item between the first parentheses: a CREATE TABLE's definitions."""
    opening = next((i for i, token in enumerate(tokens) if token.token_type == TokenType.L_PAREN), None)
    if opening is None:
        return []
    end, items, depth, start = closing(tokens, opening), [], 0, opening + 1
    for index in range(opening + 1, end):
        kind = tokens[index].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if kind == TokenType.COMMA and depth == 0:
            items.append((start, index - 1))
            start = index + 1
    items.append((start, end - 1))
    return items
