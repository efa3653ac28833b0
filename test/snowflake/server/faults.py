"""Faults that a test asks for, and the list of requests that arrived.

POST /__faults takes one fault or a list; each is {"kind": ..., ...}. `times` says how often it strikes (default 1,
null: until cleared). `match` is a regular expression searched in the SQL text, whatever its case, `path` one searched
in the request's path. DELETE /__faults clears them all, GET shows how often each has struck.

kind              strikes                                                  further fields
refuse_login      a login                                                  code, message
http_status       any request, before it is handled                        status (503)
cut_before        a statement request, before it is handled: never ran     -
cut_after         a statement request, after it is handled: ran            -
delay             each statement that matches, before it runs              ms
lock_timeout      each statement that matches, instead of running          -
too_many_waiters  the same, error 000625                                   -
error             the same, any error                                      code, sqlState, message
expire_session    at once: the session tokens (390112)                     session (id; all when absent)
expire_master     at once: session and master tokens (390112, then 390114) session
close_session     at once: the sessions are gone (390111)                  session
latency           from now on, every request                               ms
keep_matched      from now on, writes that wait: see matched_rows.py         -
"""

import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

STRIKING = {
    "refuse_login",
    "http_status",
    "cut_before",
    "cut_after",
    "delay",
    "lock_timeout",
    "too_many_waiters",
    "error",
}
AT_ONCE = {"expire_session", "expire_master", "close_session", "latency", "keep_matched"}


@dataclass
class Fault:
    """A fault that waits for its moment. left: how often it will still strike, None without end."""

    id: int
    kind: str
    left: int | None
    match: re.Pattern[str] | None
    path: re.Pattern[str] | None
    options: dict[str, Any]
    hits: int = 0


@dataclass
class Request:
    """A request as GET /__requests shows it. outcome: an HTTP status, or the fault that cut it."""

    path: str
    method: str
    sql: str | None
    request_id: str | None
    retry: int
    at: float = field(default_factory=time.time)
    outcome: str = "pending"


class Faults:
    """The faults that are set, and the request log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._requests: list[Request] = []
        self._next = 1
        self.latency = 0.0
        self.keep_matched = False

    def add(self, wanted: dict[str, Any]) -> int:
        """Set a fault that strikes later. Raises ValueError when it is not one."""
        kind = wanted.get("kind")
        if kind not in STRIKING:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(sorted(STRIKING | AT_ONCE))}")
        options = {k: v for k, v in wanted.items() if k not in ("kind", "times", "match", "path")}
        match, path = wanted.get("match"), wanted.get("path")
        with self._lock:
            fault = Fault(
                self._next,
                str(kind),
                wanted.get("times", 1),
                re.compile(match, re.IGNORECASE) if match else None,
                re.compile(path) if path else None,
                options,
            )
            self._next += 1
            self._faults.append(fault)
        return fault.id

    def take(self, kind: str, path: str, sql: str | None) -> Fault | None:
        """The first fault of a kind that concerns a request, counted as having struck."""
        with self._lock:
            for fault in self._faults:
                if fault.kind != kind or fault.left == 0:
                    continue
                if fault.path and not fault.path.search(path):
                    continue
                if fault.match and not (sql is not None and fault.match.search(sql)):
                    continue
                fault.hits += 1
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None

    def clear(self) -> None:
        """Remove every fault, those that hold from their moment on included."""
        with self._lock:
            self._faults.clear()
            self.latency = 0.0
            self.keep_matched = False

    def pending(self) -> list[dict[str, Any]]:
        """The faults with how often they struck, for GET /__faults."""
        with self._lock:
            return [{"id": f.id, "kind": f.kind, "left": f.left, "hits": f.hits} for f in self._faults]

    def record(self, request: Request) -> Request:
        """Add a request to the log."""
        with self._lock:
            self._requests.append(request)
        return request

    def requests(self) -> list[dict[str, Any]]:
        """The log since it was last reset."""
        with self._lock:
            return [dict(vars(request)) for request in self._requests]

    def reset_requests(self) -> None:
        """Empty the log."""
        with self._lock:
            self._requests.clear()
