"""Start the server: `python -m server --port 0`.

Prints one JSON line with its port when it listens; stops on SIGTERM, on SIGINT and, with --stop-with-stdin, when
standard input ends, so that it never outlives the test run that started it.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import threading

from fakesnow.transforms.stage import LOCAL_BUCKET_PATH

from .database import Database
from .faults import Faults
from .http_server import Server
from .log import log
from .login import Credentials, load_public_key, load_trust
from .prepared import PreparedStatements
from .service import Service
from .statements import Statements


def main() -> None:
    """Parse the arguments, listen, wait for the end."""
    parser = argparse.ArgumentParser(prog="server", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--database", default="DEPLOYMENTS_DB", help="the database that exists")
    parser.add_argument("--schema", default="PUBLIC", help="the schema that exists in it")
    parser.add_argument("--user", default="DEPLOYMENT_QUEUE")
    parser.add_argument(
        "--password", default=os.environ.get("SNOWFLAKE_SERVER_PASSWORD"), help="without one, password login is refused"
    )
    parser.add_argument("--public-key", action="append", default=[], help="PEM file; twice while keys rotate")
    parser.add_argument("--trust", help="JSON file of what else lets the user in: see load_trust in login.py")
    parser.add_argument("--max-lock-wait", type=float, default=2.0, help="seconds, whatever LOCK_TIMEOUT says")
    parser.add_argument("--statements", help="a file to which each statement is added that is sent")
    parser.add_argument(
        "--prepared",
        default=os.environ.get("SNOWFLAKE_TEST_PREPARED"),
        help="a folder in which servers share what they have made of statements",
    )
    parser.add_argument("--stop-with-stdin", action="store_true")
    arguments = parser.parse_args()
    keys = tuple(load_public_key(path) for path in arguments.public_key)
    faults = Faults()
    prepared = PreparedStatements(arguments.prepared)
    database = Database(arguments.database, arguments.schema, arguments.max_lock_wait, prepared)
    trust = load_trust(arguments.trust) if arguments.trust else {}
    credentials = Credentials(arguments.user, arguments.password, keys, **trust)
    service = Service(database, credentials, faults, Statements(arguments.statements))
    server = Server(arguments.port, service, faults)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if arguments.stop_with_stdin:
        threading.Thread(target=_stop_with_stdin, args=(stop,), daemon=True).start()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    port = server.server_address[1]
    print(json.dumps({"event": "ready", "port": port, "url": f"http://127.0.0.1:{port}"}), flush=True)
    # A signal that another thread got is seen when this one wakes up.
    while not stop.wait(0.5):
        pass
    shutil.rmtree(LOCAL_BUCKET_PATH, ignore_errors=True)  # fakesnow makes this temporary folder when it is imported
    log("stopped")
    sys.stdout.flush()
    os._exit(0)  # connection threads block in reads; nothing of theirs needs saving


def _stop_with_stdin(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


main()
