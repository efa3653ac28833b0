"""Reads a calendar on standard input, and prints its name and events as JSON."""

import json
import sys

from icalendar import Calendar


def instant(event, name):
    return event[name].dt.strftime("%Y-%m-%dT%H:%M:%S.000Z")


calendar = Calendar.from_ical(sys.stdin.buffer.read())
print(
    json.dumps(
        {
            "name": str(calendar["NAME"]),
            "events": [
                {
                    "summary": str(event["SUMMARY"]),
                    "description": str(event.get("DESCRIPTION", "")),
                    "from": instant(event, "DTSTART"),
                    "until": instant(event, "DTEND"),
                }
                for event in calendar.walk("VEVENT")
            ],
        }
    )
)
