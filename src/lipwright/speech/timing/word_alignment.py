"""Align written words with spoken ones: the time of "INR 5,053" from those of its phones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from lipwright.speech.speech import Phone, Word

Say = Callable[[str], str]
"""The phonemes of a piece of text, words separated by spaces."""

_BREAKS = frozenset(" .,!?;:…—")
_UNHEARD = str.maketrans("", "", "ˈˌ.,!?;:…—")
_GAP_SECONDS = 1e-3
_WINDOW = 400
"""Written words that are aligned at once: time grows with the square of it."""
_KEPT = 300
"""Of these, those whose alignment is kept: the rest, near the cut, is aligned again."""
_SPARE = 1.25, 20
"""How many more words than expected may be spoken, as a factor and besides."""


def words_from_phones(phones: Sequence[Phone], text: str, say: Say) -> list[Word]:
    """Return the written words of a text (split at white space) with the times of their phones.

    Every word is pronounced by itself, and the result is searched, in order, in the spoken phones.
    Speech that belongs to no word, such as the "rupees" of "INR 5,053", goes to its neighbour; a
    word that is not found shares the time between its neighbours.
    """
    spoken = _spoken_words(phones)
    written = text.split()
    expected = _pronounce_each(written, say)
    shares: list[list[int]] = []
    position = 0
    while len(shares) < len(written):
        position = max((share[-1] + 1 for share in shares[-_KEPT:] if share), default=position)
        window = expected[len(shares) : len(shares) + _WINDOW]
        last = len(shares) + len(window) == len(written)
        count = int(sum(map(len, window)) * _SPARE[0]) + _SPARE[1]
        heard = spoken[position:] if last else spoken[position : position + count]
        found = _align(window, [word.text for word in heard], last)
        kept = found if last else found[:_KEPT]
        shares += [[position + index for index in share] for share in kept]
    return _time_words(written, shares, spoken)


def _spoken_words(phones: Sequence[Phone]) -> list[Word]:
    """Return the runs of phones between spaces, marks and pauses; their text is their phonemes."""
    words: list[Word] = []
    symbols, begin, end = "", 0.0, 0.0
    for phone in phones:
        rest = phone.start > end + _GAP_SECONDS
        if symbols and (rest or phone.symbol in _BREAKS):
            words.append(Word(begin, end, symbols))
            symbols = ""
        if phone.symbol not in _BREAKS:
            begin = begin if symbols else phone.start
            symbols += phone.symbol.translate(_UNHEARD)
        end = phone.end
    if symbols:
        words.append(Word(begin, end, symbols))
    return words


def _pronounce_each(written: Sequence[str], say: Say) -> list[list[str]]:
    known = {word: say(word).translate(_UNHEARD).split() for word in dict.fromkeys(written)}
    return [known[word] for word in written]


def _align(expected: Sequence[list[str]], spoken: Sequence[str], last: bool) -> list[list[int]]:
    """Return for each written word the spoken ones that belong to it, by index.

    last: whether speech after the last match belongs to these words too.
    """
    owners = [number for number, words in enumerate(expected) for _ in words]
    wanted = [word for words in expected for word in words]
    shares: list[list[int]] = [[] for _ in expected]
    matcher = SequenceMatcher(None, wanted, spoken, autojunk=False)
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind == "equal":
            for offset in range(a1 - a0):
                shares[owners[a0 + offset]].append(b0 + offset)
        elif kind == "replace":
            for index, owner in _spread(wanted[a0:a1], owners[a0:a1], range(b0, b1)):
                shares[owner].append(index)
        elif kind == "insert" and owners and (last or b1 < len(spoken)):
            neighbour = owners[a0 - 1] if a0 else owners[0]
            shares[neighbour] += range(b0, b1)
    return [sorted(share) for share in shares]


def _spread(
    wanted: Sequence[str], owners: Sequence[int], indices: range
) -> Iterator[tuple[int, int]]:
    """Assign each spoken word between two matches to a written one, by their lengths."""
    total = sum(map(len, wanted)) or 1
    edges, reached = [], 0
    for word in wanted:
        reached += len(word)
        edges.append(reached / total)
    for number, index in enumerate(indices):
        middle = (number + 0.5) / len(indices)
        place = next((i for i, edge in enumerate(edges) if middle <= edge), len(edges) - 1)
        yield index, owners[place]


def _time_words(
    written: Sequence[str], shares: Sequence[list[int]], spoken: Sequence[Word]
) -> list[Word]:
    """Time the words; neighbours without sounds of their own share those of the next word."""
    words: list[Word] = []
    waiting: list[str] = []
    before = 0.0
    for text, share in zip(written, shares, strict=True):
        if not share:
            waiting.append(text)
            continue
        start = max(before, spoken[share[0]].start)
        before = max(start, spoken[share[-1]].end)
        words += _divide([*waiting, text], start, before)
        waiting = []
    return words + [Word(before, before, text) for text in waiting]


def _divide(texts: Sequence[str], start: float, end: float) -> list[Word]:
    """Divide one span of time by the letters and digits of each word."""
    sizes = [sum(character.isalnum() for character in text) for text in texts]
    total = sum(sizes)
    if not total:
        sizes, total = [1] * len(texts), len(texts)
    words, reached = [], 0
    for text, size in zip(texts, sizes, strict=True):
        begin = start + (end - start) * reached / total
        reached += size
        words.append(Word(begin, start + (end - start) * reached / total, text))
    return words
