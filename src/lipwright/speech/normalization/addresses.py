"""E-mail and web addresses, UPI ids and handles, sign by sign."""

from __future__ import annotations

import re

from lipwright.speech.normalization.abbreviations import ALSO_WORDS, SPELLED
from lipwright.speech.normalization.number_words import say_digits

_LABEL = r"[A-Za-z\d-]{1,63}"
_EMAIL = re.compile(rf"(?<![\w.+-])[\w.+-]{{1,64}}@{_LABEL}(?:\.{_LABEL}){{1,8}}")
_PAYMENT_ID = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z]\w{1,30}(?![\w.@]\w|@)")
_HANDLE = re.compile(r"(?<![^\s(\[,])@(?=[A-Za-z_]\w)")
_ENDINGS = "com|in|org|net|gov|edu|io|co\\.in|ai|app|bank|uk|us|info|dev"
_URL = re.compile(
    r"(?<![\w@.])(?:https?://|www\.)[^\s<>\"')\]]+"
    rf"|(?<![\w@.-]){_LABEL}(?:\.[a-z\d-]{{1,63}}){{0,8}}\.(?:{_ENDINGS})"
    r"(?:/[^\s<>\"')\]]*)?(?![\w@])"
    rf"|(?<![\w@.-]){_LABEL}(?:\.[a-z]{{2,20}}){{1,4}}/[^\s<>\"')\]]+"
)
_SIGNS = {
    ".": " dot ", "@": " at ", "/": " slash ", "-": " dash ", "_": " underscore ", "+": " plus ",
    ":": " colon ", "?": " question mark ", "=": " equals ", "&": " and ", "#": " hash ",
    "%": " percent ", "~": " tilde ",
}  # fmt: skip
_BANKS = "hdfc|icici|sbi|idfc|rbl|upi"
_BANK_NAME = re.compile(rf"(?:ok|pay|bank|axis|yes|first|{_BANKS}){{2,6}}")


def read_addresses(text: str) -> str:
    """Read e-mail and web addresses, UPI ids and handles sign by sign."""
    text = _EMAIL.sub(lambda m: _say_ending(m[0]), text)
    text = _PAYMENT_ID.sub(lambda m: _say_ending(m[0]), text)
    return _HANDLE.sub("at ", _URL.sub(_say_url, text))


def _say_url(match: re.Match[str]) -> str:
    return _say_ending(re.sub(r"^https?://", "", match[0]))


def _say_ending(address: str) -> str:
    """Say an address; the marks that end its sentence stay as they are."""
    stripped = address.rstrip(".,;:!?")
    return _say_address(stripped.rstrip("/")) + address[len(stripped) :]


def _say_address(address: str) -> str:
    words = []
    for part in re.findall(r"[A-Za-z]+|\d+|[^A-Za-z\d]", address):
        if part.isdigit():
            words.append(say_digits(part))
        elif part.isalpha():
            words.append(_say_part(part.lower()))
        else:
            words.append(_SIGNS.get(part, " "))
    return re.sub(r"\s+", " ", " ".join(words)).strip()


def _say_part(part: str) -> str:
    if _BANK_NAME.fullmatch(part):
        return " ".join(map(_say_label, re.findall(rf"ok|pay|bank|axis|yes|first|{_BANKS}", part)))
    return _say_label(part)


def _say_label(part: str) -> str:
    known = part.upper() in SPELLED - ALSO_WORDS or part in ("rbl", "ybl", "ly")
    spelled = known or not re.search("[aeiouy]", part)
    return " ".join(part.upper()) if spelled else part
