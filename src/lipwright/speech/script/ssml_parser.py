"""Parse the supported part of SSML 1.1 into segments.

Elements: speak, p, s, break, emphasis, say-as, phoneme, prosody (rate), sub, lang, w, token. Other
elements are ignored with a warning, and the words in them are spoken.
https://www.w3.org/TR/speech-synthesis11/
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from lipwright.core.errors import VoiceError
from lipwright.speech.normalization.markdown import drop_comments
from lipwright.speech.script.segments import Pause, Segment, Text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST_BREAK = 60.0
"""Seconds; a longer one is a mistake."""
SLOWEST, FASTEST = 0.25, 4.0
MOST_TAGS = 100_000
DEEPEST = 50
"""Tags inside each other."""

_TAG = re.compile(
    r"<speak[\s>]|<break\s*/?>"
    r"|<(?:break|emphasis|phoneme|prosody|sub|lang)\s[^<>=]*+=[^<>]*+>"
    r"|<say-as[\s>]|<emphasis>"
)
_BREAKS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.0}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
_EMPHASIS = {"strong": 2, "moderate": 1, "none": 0, "reduced": -1}
_PASSED_OVER = {"voice": "the chosen voice speaks", "audio": "no sound file is played"}
_DURATION = re.compile(r"\+?(\d+(?:\.\d*)?|\.\d+)(ms|s)")
_PERCENT = re.compile(r"([+-]?)(\d+(?:\.\d+)?)%")

log = logging.getLogger("lipwright")


@dataclass(frozen=True)
class _Manner:
    """How the text within an element is spoken; fields as in ``Text``."""

    rate: float = 1.0
    emphasis: int = 0
    language: str | None = None
    say_as: str | None = None
    phonemes: str | None = None

    def speak(self, text: str) -> Text:
        return Text(text, self.rate, self.emphasis, self.say_as, self.phonemes, self.language)


def looks_like_ssml(text: str) -> bool:
    """Return whether a text has tags of SSML: a whole document, or one break in plain words."""
    return _TAG.search(text) is not None


def to_ssml_text(words: str) -> str:
    """Escape plain words for an SSML element or attribute."""
    return escape(words, {'"': "&quot;", "'": "&apos;"})


def parse_ssml(text: str) -> list[Segment]:
    """Read an SSML document, or a piece of one without ``<speak>``.

    Raises:
        VoiceError: it is not well formed, or an attribute has an impossible value.
    """
    if text.count("<") > MOST_TAGS:
        raise VoiceError(f"The SSML has more than {MOST_TAGS:,} tags: split it.")
    root = _parse_xml(text)
    _check_depth(root)
    return _tidy(_read_element(root, _Manner()))


def _check_depth(root: Element) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise VoiceError(
                f"The SSML has more than {DEEPEST} tags inside each other: take some out."
            )
        level = [child for element in level for child in element]


def _parse_xml(text: str) -> Element:
    from xml.etree import ElementTree

    document = drop_comments(re.sub(r"\A\s*<\?xml[^>]*\?>", "", text)).strip()
    if re.search(r"<!(?:DOCTYPE|ENTITY)", document, re.IGNORECASE):
        raise VoiceError("The SSML has a DOCTYPE, which is not read: take it out.")
    if not re.match(r"<speak[\s>]", document):
        document = f"<speak>{document}</speak>"
    document = re.sub(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)", "&amp;", document)
    try:
        return ElementTree.fromstring(re.sub("<[^<>]*>", _drop_prefixes, document))
    except ElementTree.ParseError as problem:
        line, column = problem.position
        reason = str(problem).partition(":")[0]
        raise VoiceError(
            f"The SSML is not well formed ({reason}, line {line}, column {column + 1}): "
            "close every tag, or say that it is plain text."
        ) from problem


def _drop_prefixes(tag: re.Match[str]) -> str:
    """Turn a vendor's ``amazon:effect``, whose name space nobody declares, into ``effect``."""
    return re.sub(r"((?:</?|\s))(?!xml(?:ns)?:)[A-Za-z]+:(?=[\w-]+[\s=/>])", r"\1", tag[0])


def _read_element(element: Element, manner: _Manner) -> Iterator[Segment]:
    """Yield the segments of an element and all within it."""
    name = element.tag.rpartition("}")[2]
    if name == "break":
        yield Pause(_break_seconds(element))
        return
    if name in ("sub", "phoneme", "say-as"):
        yield _read_leaf(name, element, manner)
        return
    inner = _manner_within(name, element, manner)
    if name == "p":
        yield manner.speak("\n\n")
    if element.text:
        yield inner.speak(_collapse(element.text))
    for child in element:
        yield from _read_element(child, inner)
        if child.tail:
            yield inner.speak(_collapse(child.tail))
    if name in ("p", "s"):
        yield manner.speak("\n\n" if name == "p" else "\v")


def _read_leaf(name: str, element: Element, manner: _Manner) -> Text:
    words = _collapse("".join(element.itertext()))
    if name == "sub":
        return manner.speak(element.get("alias") or words)
    if name == "phoneme":
        return replace(manner, phonemes=_read_phonemes(element)).speak(words)
    how = (element.get("interpret-as") or "").strip().lower()
    detail = (element.get("format") or "").strip().lower()
    from lipwright.speech.normalization.say_as import check_reading

    return replace(manner, say_as=check_reading(how, detail)).speak(words)


def _manner_within(name: str, element: Element, manner: _Manner) -> _Manner:
    language = element.get("{http://www.w3.org/XML/1998/namespace}lang")
    if language and name != "speak":
        manner = replace(manner, language=language)
    if name == "prosody":
        if set(element.keys()) - {"rate"}:
            _pass_over("of prosody all but rate", "pitch and volume stay as they are")
        return replace(manner, rate=_clip(manner.rate * _read_rate(element.get("rate"))))
    if name == "emphasis":
        level = element.get("level", "moderate")
        if level not in _EMPHASIS:
            raise _impossible("emphasis level", level, ", ".join(_EMPHASIS))
        return replace(manner, emphasis=_EMPHASIS[level])
    if name not in ("speak", "p", "s", "lang", "w", "token", "mark"):
        _pass_over(f"the element {name}", _PASSED_OVER.get(name, "its words are spoken"))
    return manner


def _pass_over(what: str, instead: str) -> None:
    log.warning("In the SSML %s has no effect: %s.", what, instead)


def _break_seconds(element: Element) -> float:
    time = element.get("time")
    if time is None:
        strength = element.get("strength", "medium")
        if strength not in _BREAKS:
            raise _impossible("break strength", strength, ", ".join(_BREAKS))
        return _BREAKS[strength]
    match = _DURATION.fullmatch(time.strip())
    seconds = float(match[1]) / (1000 if match[2] == "ms" else 1) if match else -1.0
    if not 0 <= seconds <= LONGEST_BREAK:
        raise _impossible("break time", time, f"500ms or 1.5s, {LONGEST_BREAK:.0f}s at most")
    return seconds


def _read_rate(written: str | None) -> float:
    """Read 80%, +20%, 1.2 or a word; a percentage without a sign is of the usual speed."""
    if written is None:
        return 1.0
    value = written.strip().lower()
    percent = _PERCENT.fullmatch(value)
    if value in _RATES:
        rate = _RATES[value]
    elif percent:
        share = float(percent[2]) / 100
        rate = {"": share, "+": 1 + share, "-": 1 - share}[percent[1]]
    else:
        rate = float(value) if re.fullmatch(r"\d+(?:\.\d+)?", value) else -1.0
    if rate <= 0:
        raise _impossible("prosody rate", written, f"80%, +20% or {', '.join(_RATES)}")
    return rate


def _read_phonemes(element: Element) -> str:
    alphabet, phonemes = element.get("alphabet", "ipa"), (element.get("ph") or "").strip()
    if alphabet.lower() != "ipa":
        raise _impossible("phoneme alphabet", alphabet, "ipa")
    if not phonemes:
        raise _impossible("phoneme without sounds", "", 'ph="nəmˈʌsteː"')
    return phonemes


def _clip(rate: float) -> float:
    return min(max(rate, SLOWEST), FASTEST)


def _impossible(what: str, value: str, known: str) -> VoiceError:
    return VoiceError(f'The SSML has an impossible {what} "{value}": write {known}.')


def _collapse(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _tidy(segments: Iterator[Segment]) -> list[Segment]:
    """Join neighbours of one manner; a sentence that ends without a mark gets a full stop."""
    joined: list[Segment] = []
    texts: list[str] = []  # of the last segment

    def finish() -> None:
        last = joined[-1] if joined else None
        if isinstance(last, Text):
            joined[-1] = replace(last, text="".join(texts))

    for segment in segments:
        last = joined[-1] if joined else None
        if isinstance(segment, Text) and segment.text == "\v":
            segment = replace(segment, text=_sentence_end(last, texts))
        if isinstance(last, Text) and isinstance(segment, Text) and _same_manner(last, segment):
            texts.append(segment.text)
        elif not (isinstance(segment, Text) and not segment.text):
            finish()
            joined.append(segment)
            texts = [segment.text] if isinstance(segment, Text) else []
    finish()
    return joined


def _sentence_end(last: Segment | None, texts: list[str]) -> str:
    """Return what ends a sentence after these texts: a full stop, unless they end with a mark."""
    ending = next((text.rstrip() for text in reversed(texts) if text.strip()), "")
    open_ended = isinstance(last, Text) and ending and ending[-1] not in ".!?…।:;,"
    return ". " if open_ended else " "


def _same_manner(one: Text, other: Text) -> bool:
    alone = one.say_as or one.phonemes or other.say_as or other.phonemes
    return not alone and replace(one, text="") == replace(other, text="")
