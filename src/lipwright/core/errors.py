"""The errors lipwright raises: each message is one sentence, what was wrong and what to do."""

from __future__ import annotations

from lipwright.core.secrets import hide_credentials


class LipwrightError(Exception):
    """Base of every error a user can cause or cure.

    Args:
        message: one sentence, what was wrong and what to do; URLs lose their credentials.
        option: the choice that caused or cures it, such as "set", where a program has a name for
            it that the user knows: the command line adds its own.
    """

    exit_status = 1

    def __init__(self, message: str = "", *, option: str | None = None) -> None:
        super().__init__(hide_credentials(message))
        self.option = option


class Cancelled(Exception):
    """The work was cancelled by a `CancelToken`. Not a `LipwrightError`: nothing went wrong."""


class UsageError(LipwrightError):
    """The request itself makes no sense: a wrong option, a missing argument, an unknown name."""

    exit_status = 2


class MediaError(LipwrightError):
    """A picture, sound or video cannot be read or written."""


class FaceError(LipwrightError):
    """No usable face in the picture."""


class VoiceError(LipwrightError):
    """Text cannot be spoken."""


class EngineError(LipwrightError):
    """An engine cannot work with what it was given."""


class ModelError(LipwrightError):
    """A model is not here, cannot be fetched, or is not what it should be."""


class MissingExtraError(LipwrightError):
    """An optional part is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what} needs an optional part: run pip install "lipwright[{extra}]".')
        self.extra = extra
