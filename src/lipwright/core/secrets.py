"""Keep credentials out of all that is printed, logged, kept or written into files."""

from __future__ import annotations

import logging
import re
from typing import Any

HIDDEN = "[hidden]"
"""What stands where a secret stood."""
_SCHEME = r"(?i)\b([a-z][a-z0-9+.-]*://|(?:https?|wss?|ftp):/)"
"""One slash is what is left where an address was taken for a path."""
_USER = re.compile(rf"{_SCHEME}[^\s/?#'\"<>]*@")
_ODD_PASSWORD = re.compile(rf"{_SCHEME}[^\s/?#@:'\"<>]*:(?!\d*[/?#])[^\s'\"<>]*@")
"""One with a slash, which ends the host for those who read addresses, but not for its owner."""
_PARAMETER = re.compile(
    r"(?i)([?&;][^\s=&;#]*(?:token|key|secret|password|passwd|pwd|signature|credential|sig|auth)"
    r"[^\s=&;#]*=)[^\s&;#'\"<>]+"
)


def hide_credentials(text: str) -> str:
    """Return a text whose URLs have neither user nor password nor secret parameters."""
    if ":/" not in text:
        return text
    text = _ODD_PASSWORD.sub(r"\1", _USER.sub(r"\1", text))
    return _PARAMETER.sub(rf"\1{HIDDEN}", text)


def show_address(address: str) -> str:
    """Return an address, with or without a scheme, as it may be shown."""
    scheme, separator, rest = address.rpartition("://")
    if "@" in rest:
        rest = rest.rpartition("@")[2]
    return hide_credentials(f"{scheme or 'x'}://{rest}")[0 if separator else 4 :]


class HideCredentials(logging.Filter):
    """Takes credentials out of log records, whoever reads them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message where it has any; every record passes."""
        message = record.getMessage()
        shown = hide_credentials(message)
        if shown != message:
            record.msg, record.args = shown, None
        return True


def guard_log(logger: Any) -> None:
    """Let no credentials into what a logger passes on; once is enough."""
    if not any(isinstance(known, HideCredentials) for known in logger.filters):
        logger.addFilter(HideCredentials())
