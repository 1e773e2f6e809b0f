"""Heteronyms: choose between the pronunciations of one spelling by the words beside it."""

from __future__ import annotations

_BEFORE_VERB = frozenset(
    "to will would shall should can could may might must do does did don't doesn't didn't cannot "
    "can't won't wouldn't couldn't shouldn't not i you we they who please let's let us i'll you'll "
    "we'll they'll he'll she'll and never always also kindly just".split()
)
_DETERMINERS = frozenset(
    "a an the this that these those my your his her its our their any some no every each of "
    "in for first second last next new good great such more much".split()
)
_PERFECT = frozenset("have has had having been was were is are be being i've you've we've".split())
_OBJECTS = frozenset(
    "a an the this that these those my your his her its our their it them us me all".split()
)
_AFTER_NOUN = frozenset("of is was are were has".split())


def guess_tag(words: list[str], index: int) -> str | None:
    """Guess VERB, NOUN, VBN or None (the usual sound) for a word with more than one."""
    word = words[index].lower()
    before = words[index - 1].lower() if index else ""
    after = words[index + 1].lower() if index + 1 < len(words) else ""
    if word == "read":
        return "VBN" if before in _PERFECT else None
    if word in ("live", "lives") and after in ("in", "at", "with", "on", "here", "there"):
        return "VERB"
    if before in _DETERMINERS or (after in _AFTER_NOUN and before not in _BEFORE_VERB):
        return "NOUN"
    if before in _BEFORE_VERB or after in _OBJECTS:
        return "VERB"
    return None
