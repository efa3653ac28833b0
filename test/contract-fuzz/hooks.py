"""What the contract cannot say in a schema: which values only the service can give.

A request that is valid but for such a value is refused, and rightly so; each is replaced by one that
is valid in meaning as well. Requests that are meant to be refused stay as they are.
"""

import itertools
import json
import re
import uuid
from urllib.parse import quote

import schemathesis
from schemathesis import GenerationMode

_numbers = itertools.count()
_key = re.compile(r"[!-~]{1,255}")
_tag = r'(?:W/)?"[^"]*"'
_tags = re.compile(rf"\*|{_tag}(?: *, *{_tag})*")


def _is_valid(case):
    return case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE


@schemathesis.hook
def before_call(context, case, kwargs):
    # A key names one request: the same one for another request answers 422.
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and _key.fullmatch(key):
        case.headers["Idempotency-Key"] = f"fuzz-{next(_numbers)}"
    # A claim that waits would hold everything up.
    wait = case.body.get("wait_seconds") if isinstance(case.body, dict) else None
    if type(wait) in (int, float) and wait in range(61):
        case.body["wait_seconds"] = 0
    # Of characters that are escaped, too long a cursor is more than a request line holds: 431. Any part of it is no
    # cursor either.
    cursor = case.query.get("cursor") if isinstance(case.query, dict) else None
    if isinstance(cursor, str) and len(quote(cursor, errors="replace")) > 8_192:
        case.query["cursor"] = cursor[:500]
    if not _is_valid(case):
        return
    # Schemathesis takes ids from fields of responses that may be null, such as the deployment that is in the way.
    if isinstance(case.path_parameters, dict) and case.path_parameters.get("id", "") in (None, "None"):
        case.path_parameters["id"] = str(uuid.uuid4())
    # Schemathesis 4.32 counts `0` as a value of a pattern that asks for quotes; it is none.
    for name in ("If-Match", "If-None-Match"):
        value = (case.headers or {}).get(name)
        if isinstance(value, str) and not _tags.fullmatch(value):
            case.headers[name] = "*"
    # A cursor is taken from a Link header; any other answers 422.
    if isinstance(case.query, dict):
        case.query.pop("cursor", None)
        # Two environments that are compared differ, whatever their case.
        sides = [str(case.query.get(side, "")).lower() for side in ("from", "to")]
        if sides[0] == sides[1] != "":
            case.query["to"] = "staging" if sides[0] == "production" else "production"
    # JSON within a string: no schema reaches into it.
    if isinstance(case.body, dict) and isinstance(case.body.get("pipeline_extra_params"), str):
        case.body["pipeline_extra_params"] = json.dumps(case.body["pipeline_extra_params"])
