"""Scripts as chunks for the offline voice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.core.errors import VoiceError
from lipwright.speech.g2p.phoneme_alphabet import token_numbers
from lipwright.speech.script.script import ELLIPSIS_SECONDS, Script, Text, read_script

pytest.importorskip("misaki", reason="pronunciation needs the voice extra")

from lipwright.speech.g2p.pronouncer import Pronouncer  # noqa: E402
from lipwright.speech.kokoro.chunking import PhonemeChunk  # noqa: E402
from lipwright.speech.kokoro.planner import plan_script  # noqa: E402

SPEAKERS = {tag: Pronouncer(accent=tag) for tag in ("en-IN", "en-US", "en-GB", "hi-IN")}
PRONOUNCER = SPEAKERS["en-IN"]


def plan(text: str, language: str = "en-IN") -> list[PhonemeChunk]:
    return list(plan_script(read_script(text, language=language), PRONOUNCER))


def test_breaks_are_rests_of_their_length() -> None:
    first, second = plan('<speak>Pay now <break time="1.2s"/> please.</speak>')
    assert first.phonemes == "pˈeː nˈW…" and first.pause == 1.2
    assert second.phonemes == "plˈiːz." and second.pause is None


def test_dots_are_a_pause() -> None:
    first, second = plan("Click here... Pay now.")
    assert first.phonemes.endswith("…") and first.pause == ELLIPSIS_SECONDS
    assert second.phonemes == "pˈeː nˈW."


def test_breaks_add_up_and_may_come_first() -> None:
    chunks = plan('<speak><break time="1s"/><break time="1s"/>Go<break/><break/></speak>')
    assert [(chunk.phonemes, chunk.pause) for chunk in chunks] == [("", 2.0), ("ɡˌoː…", 0.8)]


def test_rates_make_chunks_of_their_own() -> None:
    chunks = plan('<speak>Pay <prosody rate="50%">slowly now</prosody>, please.</speak>')
    assert [chunk.rate for chunk in chunks] == [1.0, 0.5, 1.0]
    assert chunks[1].phonemes.endswith("nˈW,") and chunks[2].phonemes == "plˈiːz."


def test_phonemes_and_emphasis() -> None:
    (chunk,) = plan(
        '<speak>I <phoneme ph="tʃæt">said</phoneme>: <emphasis>it</emphasis> is '
        '<emphasis level="reduced">late</emphasis>.</speak>'
    )
    assert chunk.phonemes == "I ʧæt: ˈɪʈ ɪz lˌeːʈ."


def test_a_word_may_change_manner_within() -> None:
    (chunk,) = plan("<speak>re<emphasis>pay</emphasis>!</speak>")
    assert chunk.phonemes.count(" ") == 0 and chunk.phonemes.endswith("pˈeː!")


def test_languages() -> None:
    (chunk,) = plan('<speak>Pay 5 <lang xml:lang="hi-IN">रुपये 5</lang></speak>')
    assert chunk.phonemes == "pˈeː fˈIʋ ɾˈʊpeː pˈa\u0303nc"
    (chunk,) = plan("main 5 din", language="hi-IN")
    assert chunk.phonemes == "mɛ\u0303 pˈa\u0303nc dˈɪn"


def test_say_as_is_read_in_the_language_of_the_script() -> None:
    (chunk,) = plan(
        '<speak>कुल <say-as interpret-as="cardinal">5</say-as></speak>', language="hi-IN"
    )
    assert chunk.phonemes == "kˈʊl pˈa\u0303nc"


def test_paragraphs() -> None:
    first, second = plan("Pay it today, please.\n\nThank you for that.")
    assert first.ending == "paragraph"


@pytest.mark.parametrize("text", ["<speak><break/></speak>", "<speak> ! </speak>"])
def test_nothing_to_say(text: str) -> None:
    with pytest.raises(VoiceError, match="can be spoken"):
        plan(text)


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=st.one_of(st.sampled_from("0123456789.,:/-₹%कािं् abIV\n'"), st.characters())),
    st.sampled_from(["en-IN", "en-US", "en-GB", "hi-IN"]),
)
def test_any_text_is_planned_or_refused(text: str, language: str) -> None:
    script = Script((Text(text),), language)
    try:
        chunks = list(plan_script(script, SPEAKERS[language]))
    except VoiceError:
        return
    assert {symbol for chunk in chunks for symbol in chunk.phonemes} <= set(token_numbers())
