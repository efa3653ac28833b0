"""What was sent, in a file: a JSON string a line, each statement once."""

import json
import threading


class Statements:
    """Adds statements to a file, which several servers may share."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def add(self, sql: str) -> None:
        """Note a statement; one that is known already is not written again, nor one that is only explained."""
        if self._path is None or sql.startswith("EXPLAIN "):
            return
        with self._lock:
            if sql in self._known:
                return
            self._known.add(sql)
            with open(self._path, "a", encoding="utf-8") as file:
                file.write(json.dumps(sql) + "\n")
