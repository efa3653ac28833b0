"""A statement request: one statement or several, run once whatever the number of times it is sent."""

import json
import re
import threading
import time
import uuid
from typing import Any

from . import multiple_statements, transactions
from .database import Database
from .errors import (
    SnowflakeError,
    in_multiple_statements,
    lock_timeout,
    not_supported_here,
    statement_count_mismatch,
    too_many_waiters,
)
from .faults import Faults
from .results import MULTIPLE, SELECT, Result, text_result
from .session import Session
from .sql_text import Statement, split
from .statements import Statements
from .wire import decode_bindings

_WAIT = re.compile(r"SELECT (?:SYSTEM\$WAIT\((\d+)\))", re.IGNORECASE)
_PATH = "/queries/v1/query-request"
# https://docs.snowflake.com/en/user-guide/query-size-limits: all statements of a request with all of their values. It is
# advice there, since a larger text cannot be run again; here it is the limit.
_MAX_BYTES = 1024 * 1024
# Parameters of a single request that have no further effect here.
_ACCEPTED = {"MULTI_STATEMENT_COUNT", "QUERY_TAG", "READ_LATEST_WRITES"}


class Queries:
    """Runs the statements of requests against the database, with the faults that were asked for."""

    def __init__(self, database: Database, faults: Faults, sent: Statements) -> None:
        self._database = database
        self._sent = sent
        self._faults = faults

    def run(self, session: Session, request_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answer a request. A request id that this session has answered before gets the same answer again.

        https://docs.snowflake.com/en/developer-guide/sql-api/submitting-requests describes the request id; that the
        drivers' protocol does the same, session by session, is what the driver's own tests show.
        """
        cancel = session.cancelled.setdefault(request_id, threading.Event())
        with session.lock:
            known = session.answers.get(request_id)
            if known is not None:
                return known
            try:
                answer = self._run(session, body, cancel)
            except SnowflakeError as error:
                answer = failure(error)
            session.cancelled.pop(request_id, None)
            session.remember(request_id, answer)
            return answer

    def result(self, session: Session, query_id: str) -> dict[str, Any]:
        """The kept result of a statement of this session."""
        result = session.results.get(query_id)
        if result is None:
            return failure(SnowflakeError("000709", "02000", f"Statement {query_id} not found"))
        return success(session, result)

    def _run(self, session: Session, body: dict[str, Any], cancel: threading.Event) -> dict[str, Any]:
        if body.get("asyncExec") or body.get("describeOnly"):
            raise not_supported_here("asyncExec and describeOnly")
        parameters: dict[str, Any] = body.get("parameters") or {}
        if unknown := sorted(set(parameters) - _ACCEPTED):
            raise not_supported_here(f"the request parameters {', '.join(unknown)}")
        _refuse_large(body)
        binds = decode_bindings(body.get("bindings"))
        statements = split(str(body.get("sqlText") or ""))
        for statement in statements:
            self._sent.add(statement.text)
        desired = int(parameters.get("MULTI_STATEMENT_COUNT", session.parameters["MULTI_STATEMENT_COUNT"]))
        if desired not in (0, len(statements)):
            raise statement_count_mismatch(len(statements), desired)
        if not statements:
            raise SnowflakeError("000900", "42601", "SQL compilation error:\nEmpty SQL statement.")
        if sum(statement.binds for statement in statements) > len(binds):
            raise SnowflakeError("002049", "42601", "SQL compilation error:\nBind variable ? not set.")
        if len(statements) == 1:
            return success(session, self._one(session, statements[0], binds[: statements[0].binds], cancel))
        return self._several(session, statements, binds, cancel)

    def _several(
        self, session: Session, statements: tuple[Statement, ...], binds: list[Any], cancel: threading.Event
    ) -> dict[str, Any]:
        """Bind variables are numbered through the whole request. The first error ends it; nothing is undone."""
        children: list[Result] = []
        used = 0
        for statement in statements:
            try:
                own = binds[used : used + statement.binds]
                multiple_statements.check(statement.text, own)
                children.append(self._one(session, statement, own, cancel))
            except SnowflakeError as error:
                raise in_multiple_statements(statement.text, statement.position, error) from None
            used += statement.binds
        parent = text_result(
            ["multiple statement execution"], [["Multiple statements executed successfully."]], MULTIPLE
        )
        answer = success(session, parent)
        answer["data"]["resultIds"] = ",".join(child.query_id for child in children)
        answer["data"]["resultTypes"] = ",".join(str(child.type_id) for child in children)
        return answer

    def _one(self, session: Session, statement: Statement, binds: list[Any], cancel: threading.Event) -> Result:
        try:
            self._strike(session, statement.text, cancel)
        except SnowflakeError:
            if session.parameters["TRANSACTION_ABORT_ON_ERROR"]:
                transactions.abort(session)
            raise
        result = self._wait(session, statement.text, cancel) or self._database.run(
            session, statement.text, binds, self._faults.keep_matched
        )
        session.keep(result)
        return result

    def _strike(self, session: Session, sql: str, cancel: threading.Event) -> None:
        """Raise the error of a fault that concerns the statement, after the delay of one that does."""
        self._delay(session, sql, cancel)
        if self._faults.take("lock_timeout", _PATH, sql):
            raise lock_timeout("DEPLOYMENTS", float(session.parameters["HYBRID_TABLE_LOCK_TIMEOUT"]))
        if self._faults.take("too_many_waiters", _PATH, sql):
            raise too_many_waiters("DEPLOYMENTS")
        if fault := self._faults.take("error", _PATH, sql):
            options = fault.options
            raise SnowflakeError(
                str(options.get("code", "000603")),
                str(options.get("sqlState", "XX000")),
                str(options.get("message", "SQL execution internal error")),
            )

    def _delay(self, session: Session, sql: str, cancel: threading.Event) -> None:
        fault = self._faults.take("delay", _PATH, sql)
        if not fault:
            return
        self._take(session, float(fault.options.get("ms", 1000)) / 1000, cancel)

    def _wait(self, session: Session, sql: str, cancel: threading.Event) -> Result | None:
        """https://docs.snowflake.com/en/sql-reference/functions/system_wait, alone in a SELECT."""
        found = _WAIT.fullmatch(sql)
        if not found:
            return None
        self._take(session, float(found[1]), cancel)
        return text_result([found[0][7:]], [[f"waited {found[1]} seconds"]], SELECT)

    def _take(self, session: Session, wanted: float, cancel: threading.Event) -> None:
        """Let time pass as a statement does that runs for so many seconds."""
        limit = session.parameters["STATEMENT_TIMEOUT_IN_SECONDS"]
        if cancel.wait(min(wanted, limit)):
            raise SnowflakeError("000604", "57014", "SQL execution canceled")
        if wanted > limit:
            message = f"Statement reached its statement or warehouse timeout of {limit} second(s) and was canceled."
            raise SnowflakeError("000630", "57014", message)


def _refuse_large(body: dict[str, Any]) -> None:
    size = len(str(body.get("sqlText") or "").encode()) + len(json.dumps(body.get("bindings") or {}).encode())
    if size > _MAX_BYTES:
        raise not_supported_here(f"a request of {size} bytes of text and values")


def success(session: Session, result: Result) -> dict[str, Any]:
    """The body of an answer with rows."""
    return {
        "data": {
            "parameters": [{"name": name, "value": value} for name, value in session.parameters.items()],
            "rowtype": result.rowtype,
            "rowset": result.rowset,
            "total": len(result.rowset),
            "returned": len(result.rowset),
            "queryId": result.query_id,
            "finalDatabaseName": session.connection.database,
            "finalSchemaName": session.connection.schema,
            "finalWarehouseName": session.context.warehouse,
            "finalRoleName": session.context.role,
            "statementTypeId": result.type_id,
            "version": 1,
            "sendResultTime": int(time.time() * 1000),
            "queryResultFormat": "json",
            "queryContext": {"entries": []},
        },
        "code": None,
        "message": None,
        "success": True,
    }


def failure(error: SnowflakeError) -> dict[str, Any]:
    """The body of an answer that is an error."""
    query_id = str(uuid.uuid4())
    return {
        "data": {"errorCode": error.code, "sqlState": error.sql_state, "queryId": query_id, "line": -1, "pos": -1},
        "code": error.code,
        "message": error.message,
        "success": False,
        "headers": None,
    }
