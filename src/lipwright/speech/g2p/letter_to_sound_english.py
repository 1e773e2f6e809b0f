"""English letter-to-sound rules for words no dictionary has, in American phonemes.

A short rule set in the manner of Elovitz et al. 1976 (NRL Report 7948): at each place the first
pattern that fits gives the sound. Stress goes to the syllable the ending asks for.
"""

from __future__ import annotations

import re

_RULES: tuple[tuple[str, str], ...] = (
    # endings
    (r"tion\b|sion\b", "ʃən"), (r"tions\b|sions\b", "ʃənz"), (r"ture\b", "ʧəɹ"),
    (r"cious\b|tious\b|xious\b", "ʃəs"), (r"cial\b|tial\b", "ʃəl"), (r"ous\b", "əs"),
    (r"(?<=[a-z]{2})ied\b", "Id"), (r"able\b", "əbəl"), (r"ible\b", "əbəl"),
    (r"(?<=[^aeiou])le\b", "əl"),
    (r"(?<=[^aeiou])les\b", "əlz"), (r"(?<=[^aeiou])led\b", "əld"), (r"age\b", "ɪʤ"),
    (r"(?<=[td])ed\b", "ᵻd"), (r"(?<=[pkfscxh])ed\b", "t"), (r"(?<=[^aeiou])ed\b", "d"),
    (r"(?<=[a-z]{2})ers?\b", "əɹ"), (r"(?<=[a-z]{2})or\b", "əɹ"), (r"(?<=[a-z]{2})ing\b", "ɪŋ"),
    (r"(?<=[szxc])es\b|(?<=[sc]h)es\b", "ᵻz"), (r"(?<=[aeiou][bcdfgklmnprstvz])es\b", "z"),
    (r"(?<=[aeiouy][bcdfgklmnprstvz])e\b", ""), (r"(?<=[aeiou]th)e\b", ""), (r"(?<=..)e\b", ""),
    (r"(?<=[a-z]{2})y\b", "i"), (r"ies\b", "iz"), (r"(?<=[bdglmnrv])s\b", "z"),
    # beginnings
    (r"\bkn", "n"), (r"\bgn", "n"), (r"\bps", "s"), (r"\bpt", "t"), (r"\bwr", "ɹ"), (r"\bx", "z"),
    (r"\bwh(?=o[^a-z]|ol)", "h"), (r"\bmc", "mək"), (r"\brh", "ɹ"), (r"\by(?=[aeiou])", "j"),
    # vowels
    (r"eigh", "A"), (r"aigh", "A"), (r"igh", "I"), (r"ough(?=t)", "ɔ"), (r"ough", "O"),
    (r"augh", "ɔ"), (r"eau", "O"), (r"air|are\b", "ɛɹ"), (r"ear|eer", "ɪɹ"), (r"oor|our|oar", "ɔɹ"),
    (r"ire", "Iəɹ"), (r"ure", "jʊɹ"), (r"ar(?![aeiou])", "ɑɹ"), (r"or(?![aeiou])|ore", "ɔɹ"),
    (r"[eiu]r(?![aeiou])", "ɜɹ"), (r"ai|ay|ei|ey", "A"), (r"au|aw", "ɔ"),
    (r"ee|ea|ie(?!s?\b)", "i"),
    (r"ie", "I"), (r"oo(?=k)", "ʊ"), (r"oo", "u"), (r"oa|oe", "O"), (r"oi|oy", "Y"), (r"ou", "W"),
    (r"ow\b", "O"), (r"ow", "W"), (r"eu|ew", "ju"), (r"ue\b|ui", "u"),
    (r"a(?=[bcdfgklmnprstvz](?:e\b|es\b|ed\b|ing\b|er\b))", "A"), (r"a\b", "ə"), (r"a(?=ll)", "ɔ"),
    (r"(?<=w)a(?=[^ckgx]{2})", "ɑ"), (r"a", "æ"),
    (r"e(?=[bcdfgklmnprstvz](?:e\b|es\b))", "i"), (r"\bbe\b|\bme\b", "i"), (r"e", "ɛ"),
    (r"i(?=[bcdfgklmnprstvz](?:e\b|es\b|ed\b|ing\b|er\b))", "I"), (r"i(?=nd\b|ld\b)", "I"),
    (r"i(?=[aou])", "i"), (r"i\b", "i"), (r"i", "ɪ"),
    (r"o(?=[bcdfgklmnprstvz](?:e\b|es\b|ed\b|ing\b|er\b))", "O"), (r"o(?=ld|st\b|ll\b)", "O"),
    (r"o\b", "O"), (r"o", "ɔ"),
    (r"u(?=[bcdfgklmnprstvz](?:e\b|es\b|ed\b|ing\b|er\b))", "ju"), (r"u\b", "u"),
    (r"(?<=[gq])u(?=[aeio])", "w"), (r"u", "ʌ"),
    (r"y(?=[aeiou])", "j"), (r"y(?=[bcdfgklmnprstvz]e\b)", "I"),
    (r"(?<=\b.)y\b|(?<=\b..)y\b", "I"), (r"y", "ɪ"),
    # consonants
    (r"tch|ch(?![lrn])", "ʧ"), (r"ch", "k"), (r"sch", "sk"), (r"sh", "ʃ"), (r"ph", "f"),
    (r"th", "θ"), (r"ck|cc(?![ei])", "k"), (r"dge|dg", "ʤ"), (r"gh\b", ""), (r"gh", "ɡ"),
    (r"gn\b", "n"), (r"mb\b", "m"), (r"ng(?=[aeioulr])", "ŋɡ"), (r"ng", "ŋ"), (r"nk", "ŋk"),
    (r"sc(?=[eiy])", "s"), (r"c(?=[eiy])", "s"), (r"c", "k"), (r"g(?=e\b|es\b|i|y)", "ʤ"),
    (r"gg|g", "ɡ"), (r"qu", "kw"), (r"q", "k"), (r"x", "ks"), (r"wh", "w"), (r"j", "ʤ"),
    (r"s(?=m\b)|(?<=[aeiou])s(?=e\b)", "z"), (r"r", "ɹ"), (r"w\b|h\b", ""),
    (r"bb|b", "b"), (r"dd|d", "d"), (r"ff|f", "f"), (r"h", "h"), (r"kk|k", "k"), (r"ll|l", "l"),
    (r"mm|m", "m"), (r"nn|n", "n"), (r"pp|p", "p"), (r"ss|s", "s"), (r"tt|t", "t"), (r"v+", "v"),
    (r"w", "w"), (r"zz|z", "z"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), sound) for pattern, sound in _RULES)

_VOWEL = re.compile("[AIOWYæɑɛɪʊʌəɜɔiu]")
_STRESS_BEFORE_ENDING = re.compile(r"(?:tions?|sions?|ic|ics|ity|ical|ious|ial|ian)$")

_LOOKS_ENGLISH = re.compile(
    r"tion|sion|ough|igh|^wr|^kn|ck|[^aeiouy]les?$|[aeiou][bcdfgklmnprstvz]e[sd]?$|ing$|[^aeiou]ed$"
    r"|ous$|ly$|ness$|wh|qu[ae]|tch|dge|x|[^yh]ers?$|ew|aw[nlk]?$|ow|oo[dkt]|ea|sm$|ment$|ful$|[a-z]{3}ied$|[a-z]{3}ic$"
)


def looks_english(word: str) -> bool:
    """Tell whether the spelling (lower case) is English rather than a romanised Indian word."""
    return _LOOKS_ENGLISH.search(word) is not None


def sound_out_english(word: str) -> str:
    """Return American phonemes of a lower-case word in a to z."""
    sounds: list[str] = []
    position = 0
    while position < len(word):
        for pattern, sound in _COMPILED:
            match = pattern.match(word, position)
            if match and match.end() > position:
                sounds.append(sound)
                position = match.end()
                break
        else:
            position += 1
    return _stress("".join(sounds), word)


def _stress(sounds: str, word: str) -> str:
    vowels = [match.start() for match in _VOWEL.finditer(sounds)]
    if not vowels:
        return sounds
    chosen = vowels[0]
    ending = _STRESS_BEFORE_ENDING.search(word)
    if ending and len(vowels) > 1:
        last = 3 if ending[0] in ("ity", "ical") and len(vowels) > 2 else 2
        chosen = vowels[-last]
    return sounds[:chosen] + "ˈ" + sounds[chosen:]
