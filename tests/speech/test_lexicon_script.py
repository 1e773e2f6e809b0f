"""A user's pronunciations reach the voices of services as phonemes."""

from __future__ import annotations

from lipwright.speech.script.apply_lexicon import apply_lexicon
from lipwright.speech.script.script import read_script
from lipwright.speech.script.segments import Pause, Text

ENTRIES = {"mathangi": "maa-THUNG-gee", "Kaju": "kˈaːʤuː", "P&L": "/ˈpiː/"}


def marked(text: str) -> list[tuple[str, str | None]]:
    script = apply_lexicon(read_script(text), ENTRIES)
    return [(s.text, s.phonemes) for s in script.segments if isinstance(s, Text)]


def test_words_of_the_lexicon_have_phonemes() -> None:
    assert marked("Dear MATHANGI, eat kaju!") == [
        ("Dear ", None),
        ("MATHANGI", "maːtˈʌŋggiː"),
        (", eat ", None),
        ("kaju", "kˈaːdʒuː"),
        ("!", None),
    ]
    assert marked("The P&L.") == [("The ", None), ("P&L", "ˈpiː"), (".", None)]


def test_other_words_stay_whole() -> None:
    assert marked("Mathangis kajus") == [("Mathangis kajus", None)]


def test_the_words_stay_the_same() -> None:
    script = read_script("Dear Mathangi... <b>kaju</b>?")
    assert apply_lexicon(script, ENTRIES).plain == script.plain
    assert apply_lexicon(script, {}) is script


def test_what_has_a_reading_keeps_it() -> None:
    text = '<speak><say-as interpret-as="characters">kaju</say-as><break time="1s"/></speak>'
    script = apply_lexicon(read_script(text), ENTRIES)
    assert [s for s in script.segments if isinstance(s, Pause)] == [Pause(1.0)]
    assert all(s.phonemes is None for s in script.segments if isinstance(s, Text))
    ssml = apply_lexicon(read_script("Kaju"), ENTRIES).ssml("polly")
    assert '<phoneme alphabet="ipa" ph="kˈaːdʒuː">Kaju</phoneme>' in ssml
