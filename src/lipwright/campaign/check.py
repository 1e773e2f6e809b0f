"""Every row of a table looked at before anything is made."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from lipwright.campaign.duplicates import Duplicates
from lipwright.campaign.fields import FieldFault
from lipwright.campaign.outputs import OutputNames
from lipwright.campaign.people import PeopleTable, Person
from lipwright.campaign.plan import IMAGE, LANGUAGE, OPT_OUT, PRIORITY, VOICE, CampaignPlan
from lipwright.campaign.template import NO_WORDS, read_template
from lipwright.core.errors import LipwrightError, UsageError
from lipwright.speech.voices import parse_language, parse_voice

SHOWN = 1000
"""Faults that are kept for people to read; all are counted."""
SPOKEN_SCRIPTS = (
    "LATIN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU",
    "KANNADA", "MALAYALAM", "DIGIT", "MODIFIER",
)  # fmt: skip
"""Beginnings of the names of characters that offline voices read."""


class Fault(NamedTuple):
    """What is wrong with one row."""

    row: int
    """From 1, without the header."""
    column: str
    """Empty where it is the row as a whole."""
    reason: str

    def __str__(self) -> str:
        where = f"row {self.row}, " + (f"{self.column} " if self.column else "the row ")
        return where + self.reason


class CheckedRow(NamedTuple):
    """A row and what is to become of it."""

    person: Person
    state: str
    """"waiting", "faulty" or "opted out"."""
    priority: int
    output: str | None
    """The video's name; None for a row that gets none."""
    faults: tuple[Fault, ...]


@dataclass
class CheckResult:
    """What was found."""

    rows: int = 0
    """Of the table."""
    good: int = 0
    faulty: int = 0
    opted_out: int = 0
    faults: list[Fault] = field(default_factory=list)
    """The first `SHOWN`."""
    personal: int = 0
    """Characters that differ from person to person, of the good rows together."""
    fixed: int = 0
    """Characters of all different passages for everybody."""
    total: int = 0
    """Characters that all videos speak together."""
    online: bool = False
    """Whether a voice of a service is among those that speak."""


class Checker:
    """Checks rows one by one, in constant memory but for a file of what must not be there twice."""

    def __init__(
        self,
        plan: CampaignPlan,
        columns: tuple[str, ...],
        opted_out: frozenset[str] = frozenset(),
        key: str | None = None,
        result: CheckResult | None = None,
    ) -> None:
        """Check what all rows share.

        Args:
            plan: of the campaign.
            columns: of the table.
            opted_out: values of the column `key` of people who want no video.
            key: the column that names a person.
            result: where what is found is added up; None for a new one.

        Raises:
            UsageError: a column that the script needs is missing. VoiceError: no such voice.
        """
        self._plan, self._template = plan, read_template(plan.script)
        self._names = OutputNames(plan.pattern, columns, None)
        self._opted_out, self._key = opted_out, key
        self.result = result or CheckResult()
        self._fixed: set[bytes] = set()
        missing = [name for name in self._template.needed if name not in columns]
        if missing:
            raise UsageError(
                f"The script has {_listed(missing)}, and the table has no such column: it has "
                f"{', '.join(columns)}."
            )
        if opted_out and key not in columns:
            raise UsageError(f'The table has no column "{key}" to find those who opted out by.')
        parse_language(plan.language, parse_voice(plan.voice, plan.language))
        self._duplicates = Duplicates()

    def close(self) -> None:
        """Remove the file of what must not be there twice."""
        self._duplicates.close()

    def check(self, person: Person) -> CheckedRow:
        """Check a row."""
        self.result.rows += 1
        if self._wants_none(person):
            self.result.opted_out += 1
            return CheckedRow(person, "opted out", 0, None, ())
        faults = tuple(self._faults(person))
        output = None
        if not faults:
            output, faults = self._output(person)
        if faults:
            self.result.faulty += 1
            self.result.faults += faults[: max(0, SHOWN - len(self.result.faults))]
            return CheckedRow(person, "faulty", 0, None, faults)
        self.result.good += 1
        self._count(person)
        priority = int(person.values.get(PRIORITY, "").strip() or 0)
        return CheckedRow(person, "waiting", priority, output, ())

    def _wants_none(self, person: Person) -> bool:
        if person.values.get(OPT_OUT, "").strip().casefold() not in NO_WORDS:
            return True
        return self._key is not None and person.values.get(self._key, "") in self._opted_out

    def _faults(self, person: Person) -> Iterator[Fault]:
        number, values = person.number, person.values
        if person.fault:
            yield Fault(number, "", person.fault)
            return
        try:
            voice = parse_voice(self._plan.voice_of(values), self._plan.language_of(values))
            language = parse_language(self._plan.language_of(values), voice)
        except LipwrightError as error:
            column = VOICE if values.get(VOICE, "").strip() else LANGUAGE
            yield Fault(number, column, f"cannot be used ({error})")
            return
        unreadable = self._template.faults(values, language)
        for fault in unreadable:
            yield Fault(number, fault.column, fault.reason)
        if not unreadable and self._template.says_nothing(values):
            columns = ", ".join(self._template.optional or self._template.columns)
            yield Fault(number, "", f"leaves nothing of the script to say: fill in {columns}")
        told = {fault.column for fault in unreadable}
        for place in self._template.places:
            strange = _unspeakable(values.get(place.name, ""))
            if strange and place.name not in told:
                yield Fault(number, place.name, f'has "{strange}", which no voice here speaks')
        if not self._plan.image_of(values).is_file():
            yield Fault(number, IMAGE, f'is "{self._plan.image_of(values)}", which is no file')
        if not _is_number(values.get(PRIORITY, "")):
            yield Fault(number, PRIORITY, "is no whole number")
        before = self._duplicates.add("row", repr(sorted(values.items())), number)
        if before is not None:
            yield Fault(number, "", f"is the same as row {before}")

    def _output(self, person: Person) -> tuple[str | None, tuple[Fault, ...]]:
        try:
            name = self._names.name(person.number, person.values)
        except ValueError as error:
            return None, (Fault(person.number, "", str(error)),)
        before = self._duplicates.add("output", name.casefold(), person.number)
        if before is not None:
            reason = f"has the same output as row {before}"
            return None, (Fault(person.number, "", reason),)
        return name, ()

    def _count(self, person: Person) -> None:
        """Add up what is spoken."""
        values, result = person.values, self.result
        voice = self._plan.voice_of(values)
        result.online = result.online or ":" in voice and not voice.startswith("kokoro:")
        language = parse_language(
            self._plan.language_of(values), parse_voice(voice, self._plan.language_of(values))
        )
        try:
            passages = self._template.passages(values, language)
        except FieldFault:  # it has none
            return
        for passage in passages:
            result.total += len(passage.text)
            if passage.personal:
                result.personal += len(passage.text)
                continue
            seen = hashlib.blake2b(f"{voice} {language} {passage.text}".encode(), digest_size=8)
            if seen.digest() not in self._fixed:
                self._fixed.add(seen.digest())
                result.fixed += len(passage.text)


def check_people(
    plan: CampaignPlan, table: PeopleTable, opt_out: Path | None = None, key: str | None = None
) -> CheckResult:
    """Read a whole table and return what is wrong with it.

    Raises MediaError where it cannot be read, UsageError where it does not fit the script.
    """
    result = CheckResult()
    for _ in checked_rows(plan, table, result, opt_out, key):
        pass
    return result


def checked_rows(
    plan: CampaignPlan,
    table: PeopleTable,
    result: CheckResult,
    opt_out: Path | None = None,
    key: str | None = None,
) -> Iterator[CheckedRow]:
    """Yield the rows of a table, each checked; what is found is added up in `result`.

    Raises as `check_people`.
    """
    checker: Checker | None = None
    try:
        for person in table.rows():
            if checker is None:  # the columns are known with the first row
                checker = Checker(plan, table.columns, read_opt_outs(opt_out), key, result)
            yield checker.check(person)
    finally:
        if checker is not None:
            checker.close()


def read_opt_outs(path: Path | None) -> frozenset[str]:
    """Return who wants no video: a line each of a file. Raises UsageError."""
    if path is None:
        return frozenset()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}): give a text file.") from error
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


@lru_cache(maxsize=4096)
def _script_of(character: str) -> bool:
    """Whether a voice speaks, or passes over, a character."""
    category = unicodedata.category(character)
    if category[0] in "ZP" or category in ("Nd", "Sc", "Sm", "Mn", "Mc", "Sk"):
        return True
    return unicodedata.name(character, "").startswith(SPOKEN_SCRIPTS)


def _unspeakable(value: str) -> str:
    """The first character that no offline voice speaks; empty for none."""
    return next((character for character in value if not _script_of(character)), "")


def _is_number(text: str) -> bool:
    text = text.strip()
    return not text or (text.lstrip("-").isdigit() and len(text) < 10)


def _listed(names: list[str]) -> str:
    return ", ".join("{" + name + "}" for name in names)
