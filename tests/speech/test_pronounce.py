"""Words to phonemes: dictionary, context, lexicon and spelling rules."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.core.errors import VoiceError
from lipwright.speech.g2p.letter_to_sound import sound_out
from lipwright.speech.g2p.lexicon import own_lexicon, read_lexicon
from lipwright.speech.g2p.phoneme_alphabet import token_numbers

misaki = pytest.importorskip("misaki", reason="pronunciation needs the voice extra")

from lipwright.speech.g2p.accents import find_accent  # noqa: E402
from lipwright.speech.g2p.dictionary import Dictionary, _tables  # noqa: E402
from lipwright.speech.g2p.pronouncer import Pronouncer  # noqa: E402
from lipwright.speech.g2p.spelling_variants import other_spellings  # noqa: E402
from lipwright.speech.normalization.normalize import normalize  # noqa: E402

SHARED = Pronouncer()


@pytest.fixture
def pronouncer() -> Pronouncer:
    return SHARED


def say(pronouncer: Pronouncer, sentence: str) -> str:
    return " ".join(pronouncer.pronounce(sentence))


@pytest.mark.parametrize(
    ("sentence", "phonemes"),
    [
        ("credit card dues.", "kɾˈɛɖəʈ kˈaːɾɖ ɖjˈuːz."),
        ("Thank you!", "tʰˈæŋk juː!"),
        ("Mathangi, as of today", "maːtˈʌŋɡiː, æz ɔʋ ʈəɖˈeː"),
        ("U P I", "jˈuː pˈiː ˈI"),
        ("I have a plan", "I hæʋ ə plˈæn"),
        ("my grade is A now", "mI ɡɾˈeːɖ ɪz ˈeː nˈW"),
        ("Paytm's", "pˈeː ʈˈiː ˈɛmz"),
        ("ChatGPT", "ʧˈæʈ ʤˈiː pˈiː ʈˈiː"),
        ("netbanking", "nˈɛʈbˌæŋkɪŋ"),
        ("façade", "fəsˈaːɖ"),
    ],
)
def test_sentences(pronouncer: Pronouncer, sentence: str, phonemes: str) -> None:
    assert say(pronouncer, sentence) == phonemes


@pytest.mark.parametrize(
    ("sentence", "word", "sound"),
    [
        ("Please read it", 1, "ɾˈiːɖ"),
        ("I have read it", 2, "ɾˈɛɖ"),
        ("I live in Pune", 1, "lˈɪʋ"),
        ("a live show", 1, "lˈIʋ"),
        ("record your call", 0, "ɾəkˈɔːɾɖ"),
        ("the record", 1, "ɾˈɛkəɾɖ"),
        ("present your card", 0, "pɾiːzˈɛnʈ"),
        ("the present", 1, "pɾˈɛzənʈ"),
        ("close your account", 0, "klˈoːz"),
        ("it is close", 2, "klˈoːs"),
        ("use your card", 0, "jˈuːz"),
        ("the use", 1, "jˈuːs"),
        ("may affect", 1, "əfˈɛkʈ"),
    ],
)
def test_heteronyms(pronouncer: Pronouncer, sentence: str, word: int, sound: str) -> None:
    assert pronouncer.pronounce(sentence)[word] == sound


@pytest.mark.parametrize(
    ("name", "phonemes"),
    [
        ("Subramaniam", "sʊbɾəmˈʌnɪjəm"),
        ("Priyanka", "pɾɪjˈʌŋkaː"),
        ("Suresh", "sʊɾˈeːʃ"),
        ("Amarnath", "ʌmˈʌɾnaːt"),
        ("squibble", "skʋˈɪbəl"),
        ("gronked", "ɡɾˈɔŋkʈ"),
    ],
)
def test_unknown_words_are_sounded_out(name: str, phonemes: str) -> None:
    assert sound_out(name) == phonemes


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=15))
def test_every_word_has_a_sound_the_voice_knows(word: str) -> None:
    sounds = sound_out(word)
    assert sounds and set(sounds) <= set(token_numbers())


def test_no_word_is_dropped(pronouncer: Pronouncer) -> None:
    words = "Zbigniew fronkle tsk IDFC O'Brien Xi pfft Kokoro na\u00efve qqq"
    assert len(pronouncer.pronounce(words)) == len(words.split())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_spoken_or_refused(text: str) -> None:
    try:
        units = SHARED.pronounce(normalize(text))
    except VoiceError:
        return
    assert set("".join(units)) <= set(token_numbers()) | {" "}


def test_own_lexicon_uses_the_alphabet() -> None:
    assert not {s for sounds in own_lexicon().values() for s in sounds} - set(token_numbers())


def test_user_lexicon_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("# mine\nbank\tbˈaːŋk\nDues maa-thun-gi\nchap /tʃˈæp/\n", "utf-8")
    pronouncer = Pronouncer(read_lexicon(file))
    bank, dues, chap = pronouncer.pronounce("Bank dues, chap")
    assert bank == "bˈaːŋk"
    assert dues.endswith(",") and dues.startswith("mˈaː")
    assert chap == "ʧˈæp"


def test_user_lexicon_has_acronyms_phrases_and_their_genitives(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text(
        "UPI ˈuːpiː\nBajaj Finserv\tbˈaːʤ\n5G faːɪv\nbank bˈaːŋk\nXyzzy zˈɪziː", "utf-8"
    )
    pronouncer = Pronouncer(read_lexicon(file))
    said = pronouncer.pronounce(normalize("UPI, Bajaj Finserv's 5G! The bank's Xyzzy's bajaj"))
    assert said[:-1] == ["ˈuːpiː,", "bˈaːʤɪz", "faːɪv!", "də", "bˈaːŋks", "zˈɪziːz"]
    assert len(pronouncer.pronounce("Bajaj, Finserv")) == 2


def test_capitals_in_a_respelling_bear_the_stress() -> None:
    (said,) = Pronouncer({"mathangi": "maa-THUN-gee"}).pronounce("Mathangi")
    assert said.count("ˈ") == 1
    assert re.search("tˈʌ", said)


@pytest.mark.parametrize("line", ["lonely", "word ˈ你"])
def test_a_bad_lexicon_is_told(tmp_path: Path, line: str) -> None:
    file = tmp_path / "bad.txt"
    file.write_text(line, "utf-8")
    with pytest.raises(VoiceError, match="pronunciation"):
        Pronouncer(read_lexicon(file)).pronounce("word lonely")


def test_a_missing_lexicon_is_named(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="nowhere.txt"):
        read_lexicon(tmp_path / "nowhere.txt")


@pytest.mark.parametrize("word", ["你好", "你", "வணக்கம்"])
def test_a_script_the_voice_cannot_read_is_an_error(pronouncer: Pronouncer, word: str) -> None:
    with pytest.raises(VoiceError, match="Latin letters"):
        pronouncer.pronounce(word)


def test_dictionary_files_are_where_they_are_expected() -> None:
    data = Path(misaki.__file__).parent / "data" / "us_gold.json"
    assert json.loads(data.read_text("utf-8"))["card"] == "kˈɑɹd"


def test_both_spellings_are_found_where_a_dictionary_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = {
        "us_gold": {"color": "kˈʌləɹ", "organize": "ˈɔɹɡənˌIz", "gray": "ɡɹˈA", "happy": "hˈæpi"},
        "gb_gold": {"colour": "kˈʌlə", "fulfil": "fʊlfˈɪl"},
    }
    monkeypatch.setattr(
        "lipwright.speech.g2p.dictionary._read", lambda name: dict(entries.get(name, {}))
    )
    monkeypatch.setattr("lipwright.speech.g2p.dictionary._tables", _tables.__wrapped__)
    found = Dictionary(find_accent("en-GB"))
    assert [found.look_up(word) for word in ("colour", "color", "organise", "grey")] == [
        "kˈʌlə", "kˈʌlə", "ˈɔːɡənˌIz", "ɡɹˈA",
    ]  # fmt: skip
    assert Dictionary(find_accent("en-US")).look_up("colouring") == "kˈʌləɹɪŋ"
    assert found.look_up("happiest") == "hˈapiɪst"


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("colourful", "colorful"),
        ("organisation", "organization"),
        ("centre", "center"),
        ("anaemia", "anemia"),
        ("cancelled", "canceled"),
        ("instalment", "installment"),
        ("catalogue", "catalog"),
        ("defense", "defence"),
        ("theater", "theatre"),
    ],
)
def test_other_spellings(word: str, other: str) -> None:
    assert other in other_spellings(word)
