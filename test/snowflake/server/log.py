"""One JSON line per event on standard error, so that a test harness can filter them."""

import json
import sys
import threading
from typing import Any

_lock = threading.Lock()


def log(event: str, **fields: Any) -> None:
    """Write one event; lines of concurrent threads never mix."""
    line = json.dumps({"event": event, **fields}, default=str)
    with _lock:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
