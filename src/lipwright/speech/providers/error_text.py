"""The few words of an error that a user needs."""

from __future__ import annotations

import re
from typing import Any


def innermost_reason(error: Exception) -> str:
    """Return why a connection failed: requests and urllib3 wrap it, with the address each time."""
    inner: Any = error
    while causes := [part for part in inner.args if isinstance(part, Exception)]:
        inner = causes[-1]
    reason = getattr(inner, "reason", None) or inner
    return str(reason).rpartition(": ")[2] or type(error).__name__


def strip_html(text: str) -> str:
    """Return what a proxy's page says, on one line."""
    text = re.sub(r"(?s)<(style|script|title)\b.*?</\1>|<[^>]*>", " ", text)
    return " ".join(text.split())
