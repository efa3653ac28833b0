"""Sessions: their tokens, their parameters, their transaction."""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from fakesnow.conn import FakeSnowflakeConnection

from .results import Result
from .translations import Context

# The session parameters that may be set, with the defaults that Snowflake documents:
# https://docs.snowflake.com/en/sql-reference/parameters
DEFAULTS: dict[str, Any] = {
    "ABORT_DETACHED_QUERY": False,
    "AUTOCOMMIT": True,
    "BINARY_OUTPUT_FORMAT": "HEX",
    "CLIENT_SESSION_KEEP_ALIVE": False,
    "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY": 3600,
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "ERROR_ON_NONDETERMINISTIC_MERGE": True,
    "ERROR_ON_NONDETERMINISTIC_UPDATE": False,
    "HYBRID_TABLE_LOCK_TIMEOUT": 3600,
    "JS_TREAT_INTEGER_AS_BIGINT": False,
    "LOCK_TIMEOUT": 43200,
    "MULTI_STATEMENT_COUNT": 1,
    "QUERY_TAG": "",
    "READ_LATEST_WRITES": False,
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": 0,
    "STATEMENT_TIMEOUT_IN_SECONDS": 172800,
    "TIMESTAMP_INPUT_FORMAT": "AUTO",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
    "TIMEZONE": "America/Los_Angeles",
    "TRANSACTION_ABORT_ON_ERROR": False,
    "TRANSACTION_DEFAULT_ISOLATION_LEVEL": "READ COMMITTED",
    "USE_CACHED_RESULT": True,
}


# Of the parameters that only an account has, those that are known here: /sql-reference/parameters#read-consistency-mode
ACCOUNT_DEFAULTS: dict[str, str] = {"READ_CONSISTENCY_MODE": "SESSION"}
_ACCOUNT_VALUES = {"READ_CONSISTENCY_MODE": ("SESSION", "GLOBAL")}
account_parameters = dict(ACCOUNT_DEFAULTS)


def set_account_parameter(name: str, value: str) -> None:
    """Set a parameter of the account. Raises ValueError when it is unknown or the value is none of its."""
    if value not in _ACCOUNT_VALUES.get(name, ()):
        raise ValueError(f"invalid value [{value}] for parameter '{name}'")
    account_parameters[name] = value


@dataclass
class Session:
    """One login. lock: a session runs one request at a time, as Snowflake does."""

    id: int
    connection: FakeSnowflakeConnection
    context: Context
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    master_token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    parameters: dict[str, Any] = field(default_factory=lambda: dict(DEFAULTS))
    # ALL by default: https://docs.snowflake.com/en/release-notes/bcr-bundles/2024_08/bcr-1692
    secondary_roles: str = "ALL"
    lock: threading.RLock = field(default_factory=threading.RLock)
    results: OrderedDict[str, Result] = field(default_factory=OrderedDict)
    answers: OrderedDict[str, dict[str, Any]] = field(default_factory=OrderedDict)
    cancelled: dict[str, threading.Event] = field(default_factory=dict)
    in_transaction: bool = False
    has_written: bool = False
    is_aborted: bool = False
    token_expired: bool = False
    master_expired: bool = False
    closed: bool = False

    def keep(self, result: Result) -> None:
        """Keep a result for GET /queries/<id>/result."""
        self.results[result.query_id] = result
        while len(self.results) > 500:
            self.results.popitem(last=False)

    def remember(self, request_id: str, answer: dict[str, Any]) -> None:
        """Keep the answer to a request id, which is what the same request sent again is answered with."""
        self.answers[request_id] = answer
        while len(self.answers) > 500:
            self.answers.popitem(last=False)


class Sessions:
    """All sessions of the server, found by either of their tokens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[int, Session] = {}
        self._next = 1

    def open(self, connection: FakeSnowflakeConnection, context: Context) -> Session:
        """Start a session."""
        with self._lock:
            session = Session(self._next, connection, context)
            self._sessions[session.id] = session
            self._next += 1
            return session

    def by_token(self, token: str) -> Session | None:
        """The session that a session token belongs to, whether or not it has expired."""
        return next((s for s in self.all() if secrets.compare_digest(s.token, token)), None)

    def by_master_token(self, token: str) -> Session | None:
        """The session that a master token belongs to."""
        return next((s for s in self.all() if secrets.compare_digest(s.master_token, token)), None)

    def all(self) -> list[Session]:
        """Every open session."""
        with self._lock:
            return list(self._sessions.values())

    def renew(self, session: Session) -> None:
        """Give a session a new token; the old one is unknown from now on."""
        session.token = secrets.token_urlsafe(48)
        session.token_expired = False

    def close(self, session: Session) -> None:
        """End a session; an open transaction is rolled back.

        https://docs.snowflake.com/en/sql-reference/transactions#aborting-transactions
        """
        with self._lock:
            self._sessions.pop(session.id, None)
        with session.lock:
            if not session.closed:
                session.closed = True
                session.connection.close()
