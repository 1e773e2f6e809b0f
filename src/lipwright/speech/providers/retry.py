"""Asking a service again: patiently where that helps, and a clear sentence where it does not."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isnan
from typing import TypeVar

from lipwright.core.errors import VoiceError
from lipwright.speech.providers.credentials import redact

TIMEOUT_SECONDS = 60.0
"""How long a provider waits for one answer."""
TRIES = 4
FIRST_WAIT = 0.5
"""Seconds before the second try; each further wait is twice as long."""
LONGEST_WAIT = 30.0
"""Seconds: a service that asks for more is told of as an error at once."""
LONGEST_WORDS = 300

log = logging.getLogger("lipwright")
Result = TypeVar("Result")


@dataclass(frozen=True)
class ProviderFailure:
    """What went wrong at a service."""

    words: str
    """The service's own words, one line or more."""
    retryable: bool = False
    """Whether the same request may succeed later: too many requests, a server's error, a lost
    connection."""
    retry_after: float | None = None
    """Seconds the service asks to wait, where it says so."""
    advice: str = "try again later"
    """What the user can do: "check ELEVENLABS_API_KEY"."""


def with_retries(
    call: Callable[[], Result],
    describe: Callable[[Exception], ProviderFailure | None],
    *,
    provider: str,
    secrets: Sequence[str] = (),
    tries: int = TRIES,
) -> Result:
    """Return what `call` returns, tried again while its failures are said to be retryable.

    Args:
        call: one request, with its own timeout (TIMEOUT_SECONDS).
        describe: what an exception means; None for one that is not the service's, which is raised
            as it is.
        provider: the service's name in sentences: "ElevenLabs".
        secrets: what must not appear in a message, whatever the service repeats.
        tries: how often it is asked at most.

    Raises:
        VoiceError: it was refused, or the last try failed; one sentence with the service's words.
    """
    for number in range(1, tries + 1):
        try:
            return call()
        except VoiceError:
            raise
        except Exception as error:
            failure = describe(error)
            if failure is None:
                raise
            seconds = _seconds_to_wait(failure, number)
            if not failure.retryable or number == tries or seconds > LONGEST_WAIT:
                # the exception itself may hold the request, and with it the key
                raise to_error(failure, provider, secrets, number) from None
        log.info("%s cannot speak just now: trying again in %.1f s.", provider, seconds)
        wait(seconds)
    raise AssertionError("a try either returns or raises")


def to_error(
    failure: ProviderFailure, provider: str, secrets: Sequence[str] = (), tries: int = 1
) -> VoiceError:
    """Return the sentence a user reads about a failure."""
    words = " ".join(redact(failure.words, secrets).split()).rstrip(".:") or "it gave no reason"
    if len(words) > LONGEST_WORDS:
        words = words[:LONGEST_WORDS].rstrip() + "…"
    often = f" after {tries} tries" if tries > 1 else ""
    return VoiceError(f"{provider} did not speak the text{often} ({words}): {failure.advice}.")


def wait(seconds: float) -> None:
    """Sleep; tests replace it."""
    time.sleep(seconds)


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return seconds of a Retry-After header, which holds a number or a date; None without one.

    `headers` is a mapping that ignores case, or one with lower case names.
    """
    value = headers.get("retry-after") or headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return None if isnan(seconds) else max(0.0, seconds)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _seconds_to_wait(failure: ProviderFailure, number: int) -> float:
    if failure.retry_after is not None:
        return failure.retry_after
    # spread, so that many programs stopped by one outage do not come back all at once
    result: float = FIRST_WAIT * 2 ** (number - 1) * random.uniform(0.75, 1.25)
    return result
