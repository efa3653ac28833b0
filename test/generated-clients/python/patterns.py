"""Which texts match which patterns, by Python's `re` and by Rust's `regex`, which pydantic uses."""

import json
import re
import sys
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError


def by_rust(pattern):
    adapter = TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])

    def matches(text):
        try:
            adapter.validate_python(text)
        except ValidationError:
            return False
        return True

    return matches


def by_python(pattern):
    compiled = re.compile(pattern)
    return lambda text: compiled.search(text) is not None


engine = {"rust": by_rust, "python": by_python}[sys.argv[1]]
given = json.load(sys.stdin)
print(json.dumps([[engine(p)(text) for text in given["texts"]] for p in given["patterns"]]))
