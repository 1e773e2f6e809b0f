"""Text as it is written to text as it is read out in Indian English (first version)."""

from __future__ import annotations

import re

from lipwright.errors import MissingExtraError


def normalize(text: str) -> str:
    """Return plain words and punctuation."""
    try:
        from num2words import num2words
    except ImportError as problem:
        raise MissingExtraError("Reading out numbers", "voice") from problem

    def cardinal(match: re.Match[str]) -> str:
        words = num2words(int(match[0].replace(",", "")), lang="en_IN")
        return words.replace(",", "").replace("-", " ")

    text = re.sub(r"(?:INR|Rs\.?|₹)\s*(\d[\d,]*)", r"\1 rupees", text)
    text = re.sub(
        r"(\d+)(?:st|nd|rd|th)\b",
        lambda m: num2words(int(m[1]), to="ordinal").replace("-", " "),
        text,
    )
    text = re.sub(r"\d[\d,]*", cardinal, text)
    return text.replace("...", "…")
