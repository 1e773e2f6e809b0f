"""Language tags (BCP 47), as far as voices are chosen by them: "hi", "en-IN"."""

from __future__ import annotations

import re

from lipwright.core.errors import VoiceError

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?")
_COUNTRIES = {"en": "IN", "hi": "IN"}
"""Where a language is spoken unless the tag says it."""
ACCENTS = {
    "en-IN": "Indian English",
    "en-US": "American English",
    "en-GB": "British English",
    "hi-IN": "Hindi",
}
"""What voices of these languages are called; those that the offline voices speak."""


def split_tag(language: str) -> tuple[str, str]:
    """Return "ta_in" as ("ta", "IN"), "ta" as ("ta", ""). Raises VoiceError for what is no tag."""
    match = _TAG.fullmatch(language.strip())
    if match is None:
        raise VoiceError(f'"{language}" is no language: give a tag such as en-IN or hi.')
    return match[1].lower(), (match[3] or "").upper()


def join_tag(base: str, country: str) -> str:
    """Return the tag of a language and a country, which may be ""."""
    return f"{base}-{country}" if country else base


def with_country(language: str) -> str:
    """Return a tag with its country where one is known: "hi" is "hi-IN".

    Raises VoiceError for what is no tag.
    """
    base, country = split_tag(language)
    return join_tag(base, country or _COUNTRIES.get(base, ""))
