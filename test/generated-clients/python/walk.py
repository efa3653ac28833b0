"""What the programs of this folder share."""

import re
from urllib.parse import parse_qs, urlsplit


def next_cursor(link):
    """The cursor of the next page, of a Link header (RFC 8288); None on the last page."""
    match = re.search(r'<([^>]*)>; rel="next"', link or "")
    return parse_qs(urlsplit(match[1]).query)["cursor"][0] if match else None
