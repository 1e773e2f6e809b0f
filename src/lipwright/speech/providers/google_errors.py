"""What the exceptions of Google's client library mean."""

from __future__ import annotations

import re
from typing import Any

from lipwright.speech.providers.error_text import innermost_reason, strip_html
from lipwright.speech.providers.retry import ProviderFailure, read_retry_after

TITLE = "Google Cloud"
_SIGN_IN = (
    "put the path of a service account's key file in GOOGLE_APPLICATION_CREDENTIALS, or run "
    "gcloud auth application-default login"
)


def describe(error: Exception) -> ProviderFailure | None:
    """Tell a failure of service, connection or credentials; return None for another one."""
    import requests
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth import exceptions as auth
    from google.protobuf import json_format

    if isinstance(error, GoogleAPICallError):
        return _describe_refusal(error)
    if isinstance(error, auth.TransportError | requests.exceptions.ConnectionError):
        return ProviderFailure(innermost_reason(error), True, advice="check the connection")
    if isinstance(error, requests.exceptions.InvalidURL):
        return ProviderFailure(innermost_reason(error), advice="check GOOGLE_TTS_ENDPOINT")
    if isinstance(error, requests.exceptions.RequestException):
        return ProviderFailure(innermost_reason(error), True)
    if isinstance(error, auth.GoogleAuthError):
        return ProviderFailure(_first_sentence(error), advice=_SIGN_IN)
    if isinstance(error, json_format.ParseError | ValueError | TypeError | AttributeError):
        return ProviderFailure("its answer cannot be read", True)
    return None


def describe_sign_in(error: Exception) -> ProviderFailure | None:
    """Return a failure while credentials are looked for: a broken file fails in many ways."""
    from google.auth.exceptions import GoogleAuthError

    if isinstance(error, GoogleAuthError):
        return describe(error)
    if isinstance(error, OSError | ValueError | TypeError | AttributeError | LookupError):
        return ProviderFailure("the credentials cannot be read", advice=_SIGN_IN)
    return None


def _describe_refusal(error: Any) -> ProviderFailure:
    status = int(error.code or 0)
    words = _read_words(error)
    reasons = {detail.get("reason") for detail in error.details if isinstance(detail, dict)}
    return ProviderFailure(
        words=words or f"status {status}",
        retryable=status in (408, 429) or status >= 500,
        retry_after=_read_wait(error),
        advice=_advise(status, words, "API_KEY_INVALID" in reasons),
    )


def _read_words(error: Any) -> str:
    """The service's own message: the library puts the address before it."""
    return re.sub(r"^(GET|POST) \S+: ", "", strip_html(error.message or ""))


def _read_wait(error: Any) -> float | None:
    """Seconds to wait, by the header or by google.rpc.RetryInfo."""
    if (seconds := read_retry_after(getattr(error.response, "headers", {}))) is not None:
        return seconds
    for detail in error.details:
        delay = detail.get("retryDelay", "") if isinstance(detail, dict) else ""
        if re.fullmatch(r"\d+(\.\d+)?s", delay):
            return float(delay[:-1])
    return None


def _advise(status: int, words: str, wrong_key: bool) -> str:
    if wrong_key:
        return "check GOOGLE_API_KEY"
    if status == 401:
        return "check GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_API_KEY"
    if status == 403:
        return "enable the Text-to-Speech API for your project, and let this key use it"
    if "too long" in words:
        return "write shorter sentences"
    if status == 429:
        return "wait a minute, or raise your quota"
    return "try again later" if status >= 500 else "choose another voice"


def _first_sentence(error: Exception) -> str:
    """What it is; further arguments hold causes or the answer, and with it perhaps a token."""
    return re.split(r"(?<=\w)\.\s", str(error.args[0] if error.args else ""))[0]
