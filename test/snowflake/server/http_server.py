"""HTTP on loopback: reads requests, applies the faults of the wire, writes answers.

A thread per connection, because a statement blocks; one write per answer and no Nagle delay, because the driver keeps
its connections open and every delay would be counted as the database's.
"""

import gzip
import json
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .faults import AT_ONCE, Faults, Request
from .log import log
from .service import Service

_STATEMENTS = "/queries/v1/query-request"


class Server(ThreadingHTTPServer):
    """The listening socket, with the service and the faults that its handlers share."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, service: Service, faults: Faults) -> None:
        self.service = service
        self.faults = faults
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event; anything else is logged."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            log("internal-error", path="", error=repr(error))


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:
        """The request log has every request."""

    def _handle(self) -> None:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            # By its first bytes: the driver can announce gzip and send plain text.
            body = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw) if raw else {}
        except ValueError:
            self._answer(400, {"error": "the body is not JSON"})
            return
        if url.path.startswith("/__"):
            self._control(url.path, body)
        else:
            self._serve(url.path, dict(parse_qsl(url.query)), body)

    def _serve(self, path: str, query: dict[str, str], body: dict[str, Any]) -> None:
        faults = self.server.faults
        sql = body.get("sqlText") if path == _STATEMENTS else None
        request = faults.record(
            Request(path, self.command, sql, query.get("requestId"), int(query.get("retryCount") or 0))
        )
        if faults.latency:
            time.sleep(faults.latency)
        if fault := faults.take("http_status", path, sql):
            request.outcome = f"http_status {fault.options.get('status', 503)}"
            self._answer(int(fault.options.get("status", 503)), {"message": "Service Unavailable"})
            return
        if path == _STATEMENTS and faults.take("cut_before", path, sql):
            self._cut(request, "cut_before")
            return
        token = (self.headers.get("Authorization") or "").removeprefix('Snowflake Token="').removesuffix('"')
        try:
            status, answer = self.server.service.handle(self.command, path, query, token, body)
        except Exception as error:  # a fault of this server must reach the test as a failure, not as a hang
            log("internal-error", path=path, error=repr(error))
            status, answer = 400, {"message": repr(error), "success": False}
        if path == _STATEMENTS and faults.take("cut_after", path, sql):
            self._cut(request, "cut_after")
            return
        request.outcome = str(answer.get("code") or status)
        self._answer(status, answer)

    def _control(self, path: str, body: Any) -> None:
        faults, service = self.server.faults, self.server.service
        if path == "/__faults" and self.command == "POST":
            try:
                ids = [self._set(fault) for fault in (body if isinstance(body, list) else [body])]
            except (ValueError, TypeError) as error:
                self._answer(400, {"error": str(error)})
                return
            self._answer(200, {"ids": ids})
        elif path == "/__faults" and self.command == "DELETE":
            faults.clear()
            self._answer(200, {})
        elif path == "/__faults":
            self._answer(200, {"faults": faults.pending(), "latencyMs": faults.latency * 1000})
        elif path == "/__requests" and self.command == "DELETE":
            faults.reset_requests()
            self._answer(200, {})
        elif path == "/__requests":
            requests = faults.requests()
            self._answer(200, {"count": len(requests), "requests": requests})
        elif path == "/__sessions":
            sessions = [
                {
                    "id": s.id,
                    "user": s.context.user,
                    "role": s.context.role,
                    "secondaryRoles": s.secondary_roles,
                    "inTransaction": s.in_transaction,
                    "parameters": s.parameters,
                }
                for s in service.sessions.all()
            ]
            self._answer(200, {"sessions": sessions})
        else:
            self._answer(404, {"error": f"no {self.command} {path}"})

    def _set(self, fault: dict[str, Any]) -> int:
        kind = fault.get("kind")
        if kind == "latency":
            self.server.faults.latency = float(fault.get("ms", 0)) / 1000
            return 0
        if kind == "keep_matched":
            self.server.faults.keep_matched = True
            return 0
        if kind in AT_ONCE:
            self.server.service.expire(str(kind), fault.get("session"))
            return 0
        return self.server.faults.add(fault)

    def _cut(self, request: Request, name: str) -> None:
        request.outcome = name
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
