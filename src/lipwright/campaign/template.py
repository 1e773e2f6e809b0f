"""A script with typed places for what differs from person to person.

``{name}`` is a place, ``{amount:currency}`` one with a type, ``{name|friend}`` one with a default,
and ``{?late}...{/late}`` is left out for people whose ``late`` is empty, 0, no or false. ``{{`` and
``}}`` are braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from lipwright.campaign.fields import FIELDS, FieldFault, format_value
from lipwright.core.errors import UsageError
from lipwright.speech.script.ssml_parser import looks_like_ssml, to_ssml_text

_NAME = r"[^\W\d_][\w .-]{0,99}?"
_TOKEN = re.compile(
    r"\{\{|\}\}"
    rf"|\{{\?\s*(?P<begin>{_NAME})\s*\}}|\{{/\s*(?P<end>{_NAME})\s*\}}"
    rf"|\{{\s*(?P<name>{_NAME})\s*(?::\s*(?P<type>\w+)\s*)?(?:\|(?P<default>[^{{}}]*))?\}}"
)
_SENTENCE_END = re.compile(r"[.!?…।॥]+[\"”’')\]]*(?=\s)|\n\s*\n")
_NO_END = re.compile(
    r"(?:\b\w|\b(?:Mr|Ms|Dr|St|Rs|No|vs|Sr|Jr|Mrs|Smt|Inc|Ltd|etc|Shri|Prof|Capt))\.$"
)
_TAG = re.compile(r"<[^>]*>")
NO_WORDS = frozenset({"", "0", "no", "false", "n", "f", "off", "नहीं"})
"""Values, in small letters, that leave an optional part out."""


class Place(NamedTuple):
    """Where a value goes."""

    name: str
    """Of the column."""
    type: str
    """A key of `FIELDS`."""
    default: str | None
    """What stands there for people without a value; None where each must have one."""


@dataclass(frozen=True)
class _Optional:
    name: str
    parts: tuple[_Part, ...]


_Part = str | Place | _Optional


class Passage(NamedTuple):
    """Some sentences that are spoken together."""

    text: str
    """As they are spoken."""
    personal: bool
    """Whether anything of a person is in them: the others are the same for everybody."""
    values: tuple[tuple[str, str], ...] = ()
    """Each field in them with what stands there."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields in them."""
        return tuple(name for name, _ in self.values)


class Template:
    """A script that was read; make it with `read_template`."""

    def __init__(self, parts: tuple[_Part, ...], ssml: bool = False) -> None:
        self._parts = parts
        self.ssml = ssml
        """Whether it is SSML: it is spoken as a whole, for tags reach from sentence to sentence."""
        self.places: tuple[Place, ...] = tuple(dict.fromkeys(_places(parts)))
        """The places, in the order in which they first occur."""
        self.optional: tuple[str, ...] = tuple(dict.fromkeys(_optional(parts)))
        """The columns that optional parts depend on."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table may have for it, in order, without repetition."""
        return tuple(dict.fromkeys([*(place.name for place in self.places), *self.optional]))

    @property
    def needed(self) -> tuple[str, ...]:
        """Those without which it cannot be spoken."""
        needed = (place.name for place in self.places if place.default is None)
        return tuple(dict.fromkeys(needed))

    def faults(self, row: Mapping[str, str], language: str) -> list[FieldFault]:
        """Return what is wrong with a person's values: of places that this person hears."""
        found = []
        for place in dict.fromkeys(_heard(self._parts, row)):
            if isinstance(place, Place):
                try:
                    _value(place, row, language)
                except FieldFault as fault:
                    found.append(fault)
        return found

    def passages(self, row: Mapping[str, str], language: str) -> list[Passage]:
        """Return what a person hears, cut at the ends of sentences where that saves work.

        Sentences of one kind that follow each other, personal or not, are one passage. Raises
        FieldFault for a value that is missing or cannot be read.
        """
        sentences: list[list[tuple[str, Place | None]]] = [[]]
        for part in _heard(self._parts, row):
            if isinstance(part, Place):
                value = _value(part, row, language)
                sentences[-1].append((to_ssml_text(value) if self.ssml else value, part))
                continue
            if self.ssml:
                sentences[-1].append((part, None))
                continue
            first, *later = _cut_sentences(part)
            sentences[-1].append((first, None))
            sentences.extend([(text, None)] for text in later)
        passages: list[Passage] = []
        for sentence in sentences:
            _add_sentence(passages, sentence)
        return passages

    def says_nothing(self, row: Mapping[str, str]) -> bool:
        """Return whether nothing with a word in it is left of the script for a person."""
        heard = (
            row.get(part.name, "").strip() or part.default or ""
            if isinstance(part, Place)
            else part
            for part in _heard(self._parts, row)
        )
        text = "".join(heard)
        return not _has_words(_TAG.sub("", text) if self.ssml else text)

    def text(self, row: Mapping[str, str], language: str) -> str:
        """Return all that a person hears. Raises as `passages`."""
        return "".join(passage.text for passage in self.passages(row, language)).strip()


def read_template(text: str) -> Template:
    """Read a script.

    Raises:
        UsageError: it is empty, a type does not exist, or an optional part does not end.
    """
    if not text.strip():
        raise UsageError("The script is empty: write what shall be said.")
    return Template(tuple(_read(_tokens(text), None)), looks_like_ssml(text))


def _tokens(text: str) -> Iterator[str | re.Match[str]]:
    at = 0
    for match in _TOKEN.finditer(text):
        if match.start() > at:
            yield _checked(text[at : match.start()])
        yield match[0][0] if match[0] in ("{{", "}}") else match
        at = match.end()
    if at < len(text):
        yield _checked(text[at:])


def _checked(text: str) -> str:
    for brace in "{}":
        if brace in text:
            near = text[max(0, text.index(brace) - 10) :][:30].strip()
            raise UsageError(
                f'The script has a brace that begins no place ("{near}"): write {{name}}, '
                "{name:type}, {name|default}, {?name}...{/name}, or {{ and }} for braces."
            )
    return text


def _read(tokens: Iterator[str | re.Match[str]], within: str | None) -> Iterator[_Part]:
    for token in tokens:
        if isinstance(token, str):
            yield token
        elif token["begin"]:
            yield _Optional(token["begin"], tuple(_read(tokens, token["begin"])))
        elif token["end"]:
            if token["end"] != within:
                raise UsageError(
                    f"The script ends {{/{token['end']}}} where it did not begin: begin it with "
                    f"{{?{token['end']}}}, and end parts in the order in which they stand in each "
                    "other."
                )
            return
        else:
            yield _place(token)
    if within is not None:
        raise UsageError(
            f"The optional part {{?{within}}} does not end: write {{/{within}}} after it."
        )


def _place(token: re.Match[str]) -> Place:
    kind = token["type"] or "text"
    if kind not in FIELDS:
        raise UsageError(
            f'The script has {{{token["name"]}:{kind}}}, and there is no type "{kind}": choose '
            f"one of {', '.join(sorted(FIELDS))}."
        )
    default = token["default"]
    return Place(token["name"], kind, None if default is None else default.strip())


def _places(parts: tuple[_Part, ...]) -> Iterator[Place]:
    for part in parts:
        if isinstance(part, Place):
            yield part
        elif isinstance(part, _Optional):
            yield from _places(part.parts)


def _optional(parts: tuple[_Part, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, _Optional):
            yield part.name
            yield from _optional(part.parts)


def _heard(parts: tuple[_Part, ...], row: Mapping[str, str]) -> Iterator[str | Place]:
    """The words and places that a person hears."""
    for part in parts:
        if not isinstance(part, _Optional):
            yield part
        elif row.get(part.name, "").strip().casefold() not in NO_WORDS:
            yield from _heard(part.parts, row)


def _value(place: Place, row: Mapping[str, str], language: str) -> str:
    given = row.get(place.name, "").strip()
    if not given and place.default is not None:
        return place.default
    if not given:
        raise FieldFault(place.name, "has no value")
    try:
        return format_value(given, place.type, language)
    except ValueError as error:
        raise FieldFault(place.name, str(error)) from None


def _cut_sentences(text: str) -> list[str]:
    """Cut after the ends of sentences, with the spaces after them; nothing is lost."""
    cut, begin = [], 0
    for match in _SENTENCE_END.finditer(text):
        if _NO_END.search(text[begin : match.end()]):
            continue
        end = match.end()
        while end < len(text) and text[end].isspace():
            end += 1
        cut.append(text[begin:end])
        begin = end
    return [*cut, text[begin:]]


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _add_sentence(passages: list[Passage], sentence: list[tuple[str, Place | None]]) -> None:
    text = "".join(said for said, _ in sentence)
    if not _has_words(text):
        if passages:
            passages[-1] = passages[-1]._replace(text=passages[-1].text + text)
        return
    values = tuple((place.name, said) for said, place in sentence if place is not None)
    if passages and passages[-1].personal == bool(values):
        before = passages.pop()
        text, values = before.text + text, before.values + values
    passages.append(Passage(text, bool(values), values))
