"""Files of the Hugging Face hub, fetched by `huggingface_hub`, and what its refusals mean."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lipwright.core import telemetry
from lipwright.core.address import is_address
from lipwright.core.errors import MissingExtraError, ModelError
from lipwright.core.secrets import show_address
from lipwright.core.version import __version__
from lipwright.weights.manifest import SHA256, Source

DownloadProgress = Callable[[str, int, int | None], None]
"""Called with what is done ("download" and a file name), bytes done, bytes in all."""


class HubError(Exception):
    """A file that did not come; the text is the middle of a sentence."""

    def __init__(self, reason: str, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.unreachable = unreachable
        """Whether there was no hub at all: its other repositories need not be tried."""


def require_hub() -> None:
    """Raise MissingExtraError without the extra, ModelError if the hub cannot be asked."""
    try:
        import_hub()
    except ImportError:
        raise MissingExtraError("Downloading models", "models") from None
    from huggingface_hub import constants

    if constants.is_offline_mode():
        raise ModelError(
            "HF_HUB_OFFLINE is set and forbids downloads: unset it, or give a folder that has the "
            "files.",
            option="from",
        )
    if not is_address(endpoint()):
        raise ModelError(
            f"HF_ENDPOINT is {show_address(endpoint())}, which is no address of a hub: correct or "
            "unset it."
        )


def import_hub() -> None:
    """Import huggingface_hub such that it asks the hub for nothing but files.

    Else its first request would be for a list by which it tells what program it runs in, to name
    that in every further one.
    """
    telemetry.switch_off()
    from huggingface_hub import constants

    constants.HF_HUB_DISABLE_TELEMETRY = True  # read when somebody imported it before


def fetch(source: Source, folder: Path, progress: DownloadProgress | None = None) -> Path:
    """Download a file into a folder and return where in it. The content is not verified.

    huggingface_hub waits, resumes and tries again while this process lives. Raises HubError, and
    OSError where the file cannot be written.
    """
    from huggingface_hub import hf_hub_download

    with _explained(source), _plain_and_quiet():
        return Path(
            hf_hub_download(
                source.repository,
                source.path,
                revision=source.revision,
                local_dir=folder,
                endpoint=endpoint(),
                tqdm_class=_make_bar(Path(source.path).name, progress),
                **_who_asks(),
            )
        )


def published_sum(source: Source) -> str | None:
    """Return the hub's sha256 of a large file; None for a small one. Raises HubError."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    with _explained(source), _plain_and_quiet():
        address = hf_hub_url(
            source.repository, source.path, revision=source.revision, endpoint=endpoint()
        )
        found = get_hf_file_metadata(
            address, endpoint=endpoint(), retry_on_errors=True, **_who_asks()
        )
    return found.etag if found.etag and SHA256.fullmatch(found.etag) else None


def endpoint() -> str:
    """Return the address of the hub: HF_ENDPOINT, or huggingface.co."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def _who_asks() -> dict[str, Any]:
    return {"library_name": "lipwright", "library_version": __version__}


def _make_bar(name: str, progress: DownloadProgress | None) -> Any:
    """The class of a bar that shows nothing itself and passes on what huggingface_hub counts."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs | {"disable": True})

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0
            if progress is not None:
                progress(f"download {name}", int(self.n), self.total)

    return Bar


@contextmanager
def _plain_and_quiet() -> Iterator[None]:
    """Fetch by plain HTTP, and keep what huggingface_hub logs to itself.

    Its log holds signed addresses. Xet storage would ask for more than files, and would leave
    notes in the user's folder.
    """
    from huggingface_hub import constants

    log, plain = logging.getLogger("huggingface_hub"), constants.HF_HUB_DISABLE_XET
    level = log.level
    log.setLevel(logging.CRITICAL)
    constants.HF_HUB_DISABLE_XET = True
    try:
        yield
    finally:
        log.setLevel(level)
        constants.HF_HUB_DISABLE_XET = plain


@contextmanager
def _explained(source: Source) -> Iterator[None]:
    """Turn the exceptions of huggingface_hub and its HTTP client into HubError.

    Their own texts are never passed on: they may hold signed addresses.
    """
    import httpx2
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        yield
    except LocalEntryNotFoundError as error:  # it did not come, and is not here from before either
        cause = error.__cause__ or error
        unreachable = isinstance(cause, httpx2.TransportError)
        raise HubError(_reason(cause, source), unreachable) from None
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise HubError(_reason(error, source), unreachable=True) from None
    except (httpx2.HTTPError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk
            raise
        raise HubError(_reason(error, source)) from None


def _reason(error: BaseException, source: Source) -> str:
    """What an exception means, as the middle of a sentence."""
    import httpx2
    from huggingface_hub import errors

    place = source.repository
    if isinstance(error, errors.GatedRepoError):
        return (
            f"{place} is only for those its owner let in (accept its terms on its page and set "
            "HF_TOKEN)"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"{place} does not exist, or is private"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{place} has no revision {source.revision}"
    if isinstance(error, errors.RemoteEntryNotFoundError):
        return f"{place} has no file {source.path}"
    if isinstance(error, errors.HfHubHTTPError):
        return _refusal(error.response.status_code, place)
    if isinstance(error, errors.FileMetadataError):
        return f"{show_address(endpoint())} does not answer like a Hugging Face hub"
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return f"HF_ENDPOINT is {show_address(endpoint())}, which is no address of a hub"
    if isinstance(error, httpx2.ConnectError):
        return f"{show_address(endpoint())} cannot be reached"
    return f"the connection to {place} broke"


def _refusal(status: int, place: str) -> str:
    """What an answer with an error status means."""
    if status in (401, 403):
        return f"{place} does not allow it ({status}; is HF_TOKEN right?)"
    if status == 429:
        return "the hub asks for fewer requests (429)"
    if status >= 500:
        return f"the hub is overloaded or broken ({status})"
    return f"{place} answered with the status {status}"
