"""The locales: how numbers and dates are read in each country's English, and in Hindi."""

from __future__ import annotations

from dataclasses import dataclass

from lipwright.core.errors import VoiceError


@dataclass(frozen=True)
class Locale:
    """How numbers and dates are read."""

    tag: str
    """BCP 47."""
    lakhs: bool = False
    """Lakh and crore rather than million."""
    says_and: bool = True
    """ "One hundred and five" rather than "one hundred five"."""
    month_first: bool = False
    """12/31/2024, said "December thirty first"."""
    the_day_of: bool = False
    """ "The thirty first of December" rather than "thirty first December"."""
    quarters: bool = True
    """ "Three quarters" rather than "three fourths"."""
    phone_groups: tuple[int, ...] = (5, 5)
    """How ten digits in one run are grouped."""


INDIA = Locale("en-IN", lakhs=True, quarters=False)
AMERICA = Locale("en-US", says_and=False, month_first=True, phone_groups=(3, 3, 4))
BRITAIN = Locale("en-GB", the_day_of=True, phone_groups=(3, 3, 4))
HINDI = Locale("hi-IN", lakhs=True)

LOCALES = {locale.tag: locale for locale in (INDIA, AMERICA, BRITAIN, HINDI)}
_OTHERS = {"en": INDIA, "hi": HINDI, "en-CA": AMERICA, "en-PH": AMERICA}


def find_locale(tag: str) -> Locale:
    """Return the locale of a BCP 47 tag in any case; other English is read the British way.

    Raises:
        VoiceError: neither English nor Hindi.
    """
    parts = tag.replace("_", "-").split("-")
    language = parts[0].lower()
    wanted = "-".join([language, *(part.upper() for part in parts[1:] if len(part) == 2)])
    if locale := LOCALES.get(wanted) or _OTHERS.get(wanted):
        return locale
    if language == "en":
        return BRITAIN
    if language == "hi":
        return HINDI
    raise VoiceError(
        f'The language "{tag}" cannot be read out by the offline voice: choose one of '
        f"{', '.join(LOCALES)}."
    )
