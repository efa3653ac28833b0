"""Expands freezes by python-dateutil and zoneinfo: a JSON object a line in, a JSON array of its windows a line out.

Windows are pairs of seconds since the epoch. A rule that takes more than some seconds of CPU gives null: dateutil looks
for what never comes until the year 9999.
"""

import json
import signal
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone
from itertools import islice

from dateutil.rrule import rrulestr

# The zones of the package tzdata, not those of the machine.
zoneinfo.reset_tzpath(to=[])

SECONDS_A_RULE = 10
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


class TooLong(Exception):
    pass


def give_up(_signal, _frame):
    raise TooLong


def starts_of(rule, starts, zone):
    """When it begins by the clocks, from the first time on."""
    text = rule["rrule"]
    if text is None:
        return [starts]
    if "FREQ=WEEKLY" in text and "BYSETPOS=" in text:
        return whole_weeks(text, starts, zone)
    return expanded(text, starts, zone)


def whole_weeks(text, starts, zone):
    """The same where BYSETPOS selects of weeks.

    dateutil takes whole months and years, but the first week from its first time on alone. Here it is a whole one.
    """
    parts = dict(part.split("=") for part in text.split(";"))
    count = int(parts.pop("COUNT", 0)) or None
    parts.setdefault("BYDAY", DAYS[starts.weekday()])
    back = (starts.weekday() - DAYS.index(parts.get("WKST", "MO"))) % 7
    text = ";".join("=".join(part) for part in parts.items())
    all_of_them = expanded(text, starts - timedelta(days=back), zone)
    return islice((start for start in all_of_them if start >= starts), count)


def expanded(text, starts, zone):
    """The same for all other rules."""
    # dateutil compares UNTIL with what is of its kind: of UTC with a zone, local without one.
    if "UNTIL=" in text and text.split("UNTIL=")[1].split(";")[0].endswith("Z"):
        return (start.replace(tzinfo=None) for start in rrulestr(text, dtstart=starts.replace(tzinfo=zone)))
    if "UNTIL=" in text:
        until = text.split("UNTIL=")[1].split(";")[0]
        if "T" not in until:
            text = text.replace("UNTIL=" + until, "UNTIL=" + until + "T235959")
    return rrulestr(text, dtstart=starts)


def seconds(wall, zone, fold):
    return int(wall.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc).timestamp())


def windows_of(rule):
    zone = zoneinfo.ZoneInfo(rule["time_zone"])
    starts, ends = (datetime.fromisoformat(rule[name]) for name in ("starts", "ends"))
    windows = []
    for start in starts_of(rule, starts, zone):
        if start.year > 2199:
            break
        begin = seconds(start, zone, 0)
        end = max(seconds(start + (ends - starts), zone, fold) for fold in (0, 1))
        if end <= begin:
            end = begin + int((ends - starts) / timedelta(seconds=1))
        if begin >= rule["to"] or len(windows) == rule["limit"]:
            break
        if end > rule["from"]:
            windows.append([begin, end])
    return windows


signal.signal(signal.SIGVTALRM, give_up)
for line in sys.stdin:
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS_A_RULE)
    try:
        result = windows_of(json.loads(line))
    except TooLong:
        result = None
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    print(json.dumps(result, separators=(",", ":")), flush=True)
