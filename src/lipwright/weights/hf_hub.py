"""The Hugging Face hub: what it says of a file, and the file's bytes from any place on.

`huggingface_hub` knows addresses, endpoint, tokens, redirects and what each refusal means; it makes
the requests. Its `hf_hub_download` is not used: it starts anew in every process (since 2.0 a
partial file is private to the process and deleted when it fails) and keeps symbolic links and
notes of its own beside the file. Files come by plain HTTP, so that a range can be asked for.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from lipwright.core import telemetry
from lipwright.core.errors import MissingExtraError, ModelError
from lipwright.weights.manifest import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger("lipwright")

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
BUSY = (408, 425, 429, 500, 502, 503, 504)
"""What a server answers that may well answer better a little later."""


class HubError(Exception):
    """A request that failed: the reason as the middle of a sentence, and what to do about it."""

    def __init__(
        self,
        reason: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        unreachable: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        """Whether the same request may succeed later."""
        self.retry_after = retry_after
        """How many seconds the server asks to wait."""
        self.unreachable = unreachable
        """Whether there was no server at all: its other repositories need not be tried."""


@dataclass(frozen=True)
class Remote:
    """What the hub says of a file before it is fetched."""

    size: int | None
    """In bytes."""
    etag: str | None
    """The same for the same content; for large files it is their sha256."""
    commit: str
    """The commit that the revision stands for."""


def require_hub() -> None:
    """Raises MissingExtraError without the extra, ModelError if the hub must not be asked."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise ModelError(
            "HF_HUB_OFFLINE is set and forbids downloads: unset it, or give files you have with "
            "--from FOLDER."
        )
    try:
        import_hub()
    except ImportError:
        raise MissingExtraError("Downloading models", "models") from None


def import_hub() -> None:
    """Imports huggingface_hub such that it asks the hub for nothing but files.

    Else its first request would be for a list by which it tells what program it runs in, to name
    that in every further one.
    """
    telemetry.switch_off()
    from huggingface_hub import constants

    constants.HF_HUB_DISABLE_TELEMETRY = True  # read when somebody imported it before


def endpoint() -> str:
    """The address of the hub: HF_ENDPOINT, or huggingface.co."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def look_up(source: Source) -> Remote:
    """What the hub says of a file. Raises HubProblem."""
    from huggingface_hub import get_hf_file_metadata

    with _translated(source):
        found = get_hf_file_metadata(
            _address(source),
            timeout=CONNECT_SECONDS,
            endpoint=endpoint(),
            headers={},
            **_who_asks(),
        )
    if found.commit_hash is None:
        raise HubError(f"{endpoint()} does not answer like a Hugging Face hub")
    return Remote(found.size, found.etag, found.commit_hash)


@contextmanager
def open_stream(source: Source, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
    """The bytes of a file from `start` on, and where they really start: 0 if the server knows no
    ranges. Raises HubProblem, also while the bytes are read.
    """
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    headers = build_hf_headers(**_who_asks()) | {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    with _translated(source):
        # the token, if there is one, stays with the hub: redirects to other hosts go without it
        with get_session().stream(
            "GET", _address(source), headers=headers, timeout=READ_SECONDS
        ) as response:
            hf_raise_for_status(response)
            if response.status_code == 206:
                said = response.headers.get("Content-Range", "")
                if not said.startswith(f"bytes {start}-"):
                    raise HubError(f"{source.repository} sent another part than was asked for")
                yield start, response.iter_bytes()
            else:
                yield 0, response.iter_bytes()


def _address(source: Source) -> str:
    from huggingface_hub import hf_hub_url

    return hf_hub_url(source.repository, source.path, revision=source.revision, endpoint=endpoint())


def _who_asks() -> dict[str, Any]:
    from lipwright.core.version import __version__

    return {"library_name": "lipwright", "library_version": __version__}


@contextmanager
def _translated(source: Source) -> Iterator[None]:
    """Turns the exceptions of huggingface_hub and httpx2 into HubProblem.

    Their own texts are never passed on: they may hold signed addresses.
    """
    import httpx2
    from huggingface_hub import errors

    place = source.repository
    try:
        yield
    except errors.OfflineModeIsEnabled:
        raise HubError("HF_HUB_OFFLINE forbids it", unreachable=True) from None
    except errors.GatedRepoError:
        raise HubError(
            f"{place} is only for those its owner let in (accept its terms on its page and set "
            "HF_TOKEN)"
        ) from None
    except errors.RepositoryNotFoundError:
        raise HubError(f"{place} does not exist, or is private") from None
    except errors.RevisionNotFoundError:
        raise HubError(f"{place} has no revision {source.revision}") from None
    except errors.RemoteEntryNotFoundError:
        raise HubError(f"{place} has no file {source.path}") from None
    except errors.HfHubHTTPError as error:
        raise _refusal(error.response.status_code, error.response.headers, place) from None
    except httpx2.ConnectError:
        raise HubError(
            f"{endpoint()} cannot be reached", retryable=True, unreachable=True
        ) from None
    except httpx2.TimeoutException:
        raise HubError(f"{place} does not answer in time", retryable=True) from None
    except (httpx2.UnsupportedProtocol, httpx2.InvalidURL):
        raise HubError(
            f"HF_ENDPOINT is {endpoint()}, which is no address of a hub", unreachable=True
        ) from None
    except httpx2.HTTPError as error:
        logger.debug("%s: %s", place, type(error).__name__)
        raise HubError(f"the connection to {place} broke", retryable=True) from None


def _refusal(status: int, headers: Mapping[str, str], place: str) -> HubError:
    """What an answer with an error status means."""
    if status == 404:
        return HubError(f"{place} does not have it (404)")
    if status in (401, 403):
        return HubError(f"{place} does not allow it ({status}; is HF_TOKEN right?)")
    if status == 429:
        retry_after = _seconds_to_wait(headers)
        after = "" if retry_after is None else f", and to wait {retry_after:.0f} s"
        return HubError(
            f"the hub asks for fewer requests (429){after}", retryable=True, retry_after=retry_after
        )
    if status in BUSY:
        retry_after = _seconds_to_wait(headers)
        return HubError(
            f"the hub is overloaded or broken ({status})", retryable=True, retry_after=retry_after
        )
    return HubError(f"{place} answered with the status {status}")


def _seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """What a Retry-After header or the hub's rate limit headers ask for."""
    from huggingface_hub.utils import parse_ratelimit_headers

    said = headers.get("Retry-After", "")
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        limit = parse_ratelimit_headers(headers)
        return float(limit.reset_in_seconds) if limit is not None else None
