"""Sentences as people say them unprepared: fillers, restarts, everyday words, careless sounds.

GRID's sentences have one pattern and fifty words; who talks to a camera has neither. A small
grammar puts clauses together from parts that were written for this purpose.
"""

from __future__ import annotations

import numpy as np


def phrases(text: str) -> list[str]:
    """The phrases between the bars."""
    return text.replace("\n", "").split("|")


FILLERS = phrases("""um|uh|so|well|you know|I mean|like|okay so|right|basically|actually|
honestly|look|and um|but uh|anyway|I guess|to be honest|let me think|the thing is|kind of|
hmm""")
OPENERS = phrases("""I think that|I was going to say|what I mean is|she told me|he said that|
we found out|they always say|my mother used to say|do you remember when|I do not know if|
it looks as if|I would love to know why|let us hope|people often ask me how|
you can see here that|maybe|it turns out|nobody believed that|I remember that|
what happened was that""")
SUBJECTS = phrases("""my brother|the whole family|this company|a friend of mine|the new teacher|
our team|everybody|the weather|that little village|your doctor|the old woman next door|
the phone|the market|my favourite movie|the problem|her daughter|most of the people|
the government|this beautiful place|the big white dog|Bob from the workshop|the bank|
a young father|the music|the voice on the radio|some of my best memories|the president|
the baby|the river behind our house|every member""")
VERBS = phrases("""was moving to|really wants to buy|has to pay for|could not find|
used to love|will show you|never talked about|is looking at|made a mistake with|
wants to give up|keeps coming back to|might change|has always been good at|gave me|
took care of|is afraid of|opened|should have warned us about|built|brought|is waiting for|
forgot about|spoke of|improved|laughed about|kept watching|has become part of|
would rather have|put together|always wanted to have""")
OBJECTS = phrases("""the future|a cup of coffee|five hundred dollars|the blue room upstairs|
every single problem|a different way of life|the people who live here|my first job|
something very simple|the same old story|an apple and a piece of bread|his own business|
a couple of weeks|the power of words|the other side|the most important thing|a big red bus|
the fish market|their mobile phones|your point of view|the whole show|a bottle of water|
what we believe in|the house with the purple door|both of them|music and movies|
half of the money|a book about space|the way we breathe|an amazing opportunity|
the sixth of February|a warm summer evening|that awful noise|the first four chapters""")
CLOSERS = phrases("""and that is it|by the way|for the first time|before we move on|you see|
which is pretty amazing|if that makes sense|at the moment|for a very long time|more or less|
or something like that|and I love it|but that is fine|from my point of view|
because nobody else would|with all my heart|over and over again|in the middle of nowhere|
as soon as possible|thank you very much|believe me|do you know what I mean""")
EXCLAMATIONS = phrases("""oh my god|wow|absolutely|of course not|no no no|yes please|
good morning everybody|welcome back|hi there|thank you so much for watching|
see you tomorrow|exactly|come on|happy birthday|please help me|what a shame|never mind|
maybe not|who knows|why not""")
# What careless speech makes of words: (as the dictionary has it, as it is said).
REDUCTIONS = {
    "and": "ən", "to": "tə", "of": "əv", "for": "fəɹ", "because": "kəz", "the": "ðə", "a": "ə",
    "you": "jə", "your": "jəɹ", "them": "əm", "him": "ɪm", "her": "əɹ", "that": "ðət", "was": "wəz",
    "have": "əv", "has": "əz", "can": "kən", "could": "kəd", "would": "wəd", "should": "ʃəd",
    "probably": "pɹˈɑbli", "about": "bˈWt", "actually": "ˈækʃli", "going": "ɡˈɔn",
    "really": "ɹˈɪli", "something": "sˈʌmθɪn", "what": "wət", "are": "əɹ", "do": "də",
}  # fmt: skip


def pick(parts: list[str], rng: np.random.Generator) -> str:
    """One of them."""
    return str(parts[rng.integers(len(parts))])


def clause(rng: np.random.Generator) -> list[str]:
    """The words of one clause, commas after those that are followed by a pause."""
    words: list[str] = []

    def add(parts: list[str], chance: float = 1.0, pause: float = 0.0) -> None:
        if rng.random() < chance:
            words.extend(pick(parts, rng).split())
            if rng.random() < pause:
                words[-1] += ","

    if rng.random() < 0.15:
        add(EXCLAMATIONS)
        return words
    add(FILLERS, 0.45, 0.6)
    add(OPENERS, 0.4)
    add(SUBJECTS)
    if rng.random() < 0.12:  # a restart
        words[-1] += ","
        add(FILLERS, 0.4, 0.7)
        add(SUBJECTS)
    add(FILLERS, 0.12, 0.3)
    add(VERBS)
    add(OBJECTS)
    add(CLOSERS, 0.4)
    return words


def pronounce(word: str, dictionary: dict[str, str]) -> str:
    """Phonemes of a word, or of its stem and a plain ending where only the stem is known."""
    if word in dictionary:
        return dictionary[word]
    stems = {"ies": ("y", "z"), "s": ("", "z"), "ed": ("", "d"), "d": ("", "d")}
    for ending, (instead, sound) in stems.items():
        stem = word.removesuffix(ending) + instead
        if word.endswith(ending) and stem in dictionary:
            return dictionary[stem] + sound
    return ""


def spontaneous_phonemes(dictionary: dict[str, str], rng: np.random.Generator) -> str:
    """Phonemes of one to three clauses; carelessly said half of the time."""
    careless = rng.random() < 0.5
    spoken = []
    for _ in range(rng.integers(1, 4)):
        for word in clause(rng):
            plain = word.rstrip(",").lower()
            sounds = pronounce(plain, dictionary)
            if careless and rng.random() < 0.7:
                sounds = REDUCTIONS.get(plain, sounds)
            spoken.append(sounds + ("," if word.endswith(",") else ""))
        spoken[-1] += str(rng.choice([".", ".", "?", "!", ","]))
    return " ".join(word for word in spoken if word.strip(",.?!"))
