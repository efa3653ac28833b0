"""What a write may have changed, so that only that is looked at after it which it can have broken."""

from dataclasses import dataclass
from functools import lru_cache

from sqlglot import TokenType

from .sql_text import REMEMBERED, tokens_of, words


@dataclass(frozen=True)
class Write:
    """An INSERT, UPDATE, DELETE or MERGE. assigned: at least the columns that an UPDATE sets, in upper case."""

    adds_rows: bool
    removes_rows: bool
    assigned: frozenset[str]

    def may_bring(self, column: str) -> bool:
        """Whether a value may be in a column that was not there before."""
        return self.adds_rows or column in self.assigned

    def may_take(self, column: str) -> bool:
        """Whether a value may be in a column no more that was there before."""
        return self.removes_rows or column in self.assigned


@lru_cache(maxsize=REMEMBERED)
def write_of(sql: str) -> Write:
    """What a write may have changed; all that it might, when it is not a plain one."""
    head = words(sql, 2)
    if head == ("INSERT", "INTO"):
        return Write(True, False, frozenset())
    if head == ("DELETE", "FROM"):
        return Write(False, True, frozenset())
    if head[0] == "UPDATE":
        return Write(False, False, _assigned(sql))
    return Write(True, True, frozenset())


def _assigned(sql: str) -> frozenset[str]:
    """Every name between SET and the WHERE of the UPDATE itself: the columns that are set, and those they are set from."""
    names: set[str] = set()
    depth, within = 0, False
    for token in tokens_of(sql):
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth == 0 and token.token_type == TokenType.WHERE:
            break
        if within:
            names.add(token.text.upper())
        within = within or token.token_type == TokenType.SET
    return frozenset(names)
