"""The paths that the driver calls, without HTTP: a request in, a status and a body out."""

from typing import Any
from urllib.parse import unquote

from . import commands
from .database import Database
from .errors import SnowflakeError
from .faults import Faults
from .log import log
from .login import Credentials
from .queries import Queries, failure
from .session import DEFAULTS, Session, Sessions
from .statements import Statements
from .translations import Context

Answer = tuple[int, dict[str, Any]]

_EXPIRED = SnowflakeError("390112", "08001", "Your session has expired. Please login again.")
_MASTER_EXPIRED = SnowflakeError(
    "390114", "08001", "Authentication token has expired.  The user must authenticate again."
)
_GONE = SnowflakeError("390111", "08001", "Session no longer exists.  New login required to access the service.")
_UNKNOWN = SnowflakeError("390104", "08001", "User must login again to access the service.")
_OK: dict[str, Any] = {"data": None, "code": None, "message": None, "success": True}


class Service:
    """Logins, sessions and queries of one server."""

    def __init__(self, database: Database, credentials: Credentials, faults: Faults, sent: Statements) -> None:
        self._database = database
        self._credentials = credentials
        self._faults = faults
        self._queries = Queries(database, faults, sent)
        self._gone: set[str] = set()
        self.sessions = Sessions()

    def handle(self, method: str, path: str, query: dict[str, str], token: str, body: dict[str, Any]) -> Answer:
        """Answer one request. token: what the Authorization header carries."""
        if path == "/session/v1/login-request":
            return self._login(query, body.get("data") or {})
        if path == "/session/token-request":
            return self._renew(token)
        if path == "/telemetry/send":
            return 200, _OK
        session = self.sessions.by_token(token)
        if session is None:
            return (200, failure(_GONE)) if token in self._gone else (401, failure(_UNKNOWN))
        if session.token_expired:
            return 200, failure(_EXPIRED)
        return self._of_session(session, method, path, query, body)

    def expire(self, kind: str, session_id: int | None) -> None:
        """Do what expire_session, expire_master and close_session say, to one session or to all."""
        for session in self.sessions.all():
            if session_id not in (None, session.id):
                continue
            if kind == "close_session":
                self._close(session)
            else:
                session.token_expired = True
                session.master_expired = session.master_expired or kind == "expire_master"

    def _of_session(
        self, session: Session, method: str, path: str, query: dict[str, str], body: dict[str, Any]
    ) -> Answer:
        parts = path.strip("/").split("/")
        if path == "/queries/v1/query-request":
            return 200, self._queries.run(session, query.get("requestId", ""), body)
        if path == "/queries/v1/abort-request":
            if event := session.cancelled.get(str(body.get("requestId"))):
                event.set()
            return 200, _OK
        if method == "GET" and len(parts) == 3 and parts[0] == "queries" and parts[2] == "result":
            return 200, self._queries.result(session, parts[1])
        if path == "/session/heartbeat":
            return 200, _OK
        if path == "/session" and query.get("delete") == "true":
            self._close(session)
            return 200, _OK
        log("unknown-path", method=method, path=path)
        return 404, failure(SnowflakeError("390404", "08001", f"This test server has no {method} {path}"))

    def _login(self, query: dict[str, str], data: dict[str, Any]) -> Answer:
        if fault := self._faults.take("refuse_login", "/session/v1/login-request", None):
            message = str(fault.options.get("message", "Incorrect username or password was specified."))
            return 200, failure(SnowflakeError(str(fault.options.get("code", "390100")), "08001", message))
        try:
            user = self._credentials.check(data, query.get("roleName"))
            session = self._open(query, data, user)
        except SnowflakeError as error:
            return 200, failure(error)
        return 200, {"data": self._login_data(session), "code": None, "message": None, "success": True}

    def _open(self, query: dict[str, str], data: dict[str, Any], user: str) -> Session:
        database, schema = query.get("databaseName"), query.get("schemaName")
        connection = self._database.connect(unquote(database) if database else None, schema)
        context = Context(
            user.upper(),
            (query.get("roleName") or "PUBLIC").upper(),
            query["warehouse"].upper() if query.get("warehouse") else None,
            str(data.get("ACCOUNT_NAME") or "").upper(),
        )
        session = self.sessions.open(connection, context)
        commands.set_parameter(session, "TIMEZONE", DEFAULTS["TIMEZONE"])
        for name, value in (data.get("SESSION_PARAMETERS") or {}).items():
            if name.upper() in DEFAULTS:
                commands.set_parameter(session, name, value)
        return session

    def _login_data(self, session: Session) -> dict[str, Any]:
        connection = session.connection
        return {
            "masterToken": session.master_token,
            "token": session.token,
            "validityInSeconds": 3600,
            "masterValidityInSeconds": 14400,
            "displayUserName": session.context.user,
            "serverVersion": "9.0.0",
            "firstLogin": False,
            "healthCheckInterval": 45,
            "sessionId": session.id,
            "parameters": [{"name": name, "value": value} for name, value in session.parameters.items()],
            "sessionInfo": {
                "databaseName": connection.database if connection.database_set else None,
                "schemaName": connection.schema if connection.schema_set else None,
                "warehouseName": session.context.warehouse,
                "roleName": session.context.role,
            },
        }

    def _renew(self, master_token: str) -> Answer:
        session = self.sessions.by_master_token(master_token)
        if session is None:
            return 200, failure(_GONE)
        if session.master_expired:
            return 200, failure(_MASTER_EXPIRED)
        self.sessions.renew(session)
        data = {
            "sessionToken": session.token,
            "validityInSecondsST": 3600,
            "masterToken": session.master_token,
            "validityInSecondsMT": 14400,
            "sessionId": session.id,
        }
        return 200, {"data": data, "code": None, "message": None, "success": True}

    def _close(self, session: Session) -> None:
        self._gone.add(session.token)
        self.sessions.close(session)
