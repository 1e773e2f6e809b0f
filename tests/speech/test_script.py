"""What people write, as segments, as plain text and as SSML."""

from __future__ import annotations

import logging
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.core.errors import UsageError, VoiceError
from lipwright.speech.script.script import ELLIPSIS_SECONDS, Pause, Script, Text, read_script

DOCUMENT = """<?xml version="1.0"?>
<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-IN">
  Hello <emphasis level="strong">Mathangi</emphasis>!
  <break time="1.5s"/> Pay <say-as interpret-as="cardinal">5053</say-as> rupees,
  <prosody rate="slow">please &amp; <sub alias="thank you">thx</sub></prosody>.
  <phoneme alphabet="ipa" ph="riːd">read</phoneme> it.
</speak>"""


def texts(script: Script) -> list[str]:
    return [part.text for part in script.segments if isinstance(part, Text)]


def test_a_document_becomes_segments() -> None:
    assert read_script(DOCUMENT).segments == (
        Text(" Hello "),
        Text("Mathangi", emphasis=2),
        Text("! "),
        Pause(1.5),
        Text(" Pay "),
        Text("5053", say_as="cardinal"),
        Text(" rupees, "),
        Text("please & thank you", rate=0.75),
        Text(". "),
        Text("read", phonemes="riːd"),
        Text(" it. "),
    )


@pytest.mark.parametrize(
    ("written", "segments"),
    [
        ("Wait... what?", (Text("Wait"), Pause(ELLIPSIS_SECONDS), Text("what?"))),
        ("Wait … what?", (Text("Wait"), Pause(ELLIPSIS_SECONDS), Text("what?"))),
        ("So....", (Text("So"), Pause(ELLIPSIS_SECONDS))),
        ("# Title\n\n**bold** [link](https://a.b)", (Text("Title.\n\nbold link"),)),
        ("Tom & Jerry <break/> left", (Text("Tom & Jerry "), Pause(0.4), Text(" left"))),
        ("5 < 6 and a > b", (Text("5 < 6 and a > b"),)),
    ],
)
def test_plain_text_and_pieces_of_ssml(written: str, segments: tuple[Text | Pause, ...]) -> None:
    assert read_script(written).segments == segments


@pytest.mark.parametrize(
    ("attribute", "seconds"),
    [
        ('time="500ms"', 0.5),
        ('time="2s"', 2.0),
        ('time=".25s"', 0.25),
        ('strength="none"', 0.0),
        ('strength="x-strong"', 1.0),
        ("", 0.4),
    ],
)
def test_breaks(attribute: str, seconds: float) -> None:
    script = read_script(f"<speak>a<break {attribute}/>b</speak>")
    assert script.segments[1] == Pause(seconds)


@pytest.mark.parametrize(
    ("written", "rate"),
    [("80%", 0.8), ("+20%", 1.2), ("-10%", 0.9), ("1.5", 1.5), ("fast", 1.25), ("x-slow", 0.5),
     ("1000%", 4.0)],
)  # fmt: skip
def test_rates(written: str, rate: float) -> None:
    (text,) = read_script(f'<prosody rate="{written}">go</prosody>').segments
    assert isinstance(text, Text) and text.rate == pytest.approx(rate)


def test_an_element_without_words_says_nothing() -> None:
    assert read_script("<speak><sub></sub>Hi</speak>").segments == (Text("Hi"),)


def test_manners_nest() -> None:
    script = read_script(
        '<speak><prosody rate="50%">a <prosody rate="200%">b</prosody>'
        '<lang xml:lang="hi-IN"><emphasis>c</emphasis></lang></prosody></speak>'
    )
    assert script.segments == (
        Text("a ", rate=0.5),
        Text("b", rate=1.0),
        Text("c", rate=0.5, emphasis=1, language="hi-IN"),
    )


def test_paragraphs_and_sentences_end() -> None:
    script = read_script("<speak><p><s>One</s><s>Two!</s></p><p>Three</p></speak>")
    assert " ".join(script.plain.split()) == "One. Two! Three"
    assert script.plain.count("\n\n") >= 1


def test_what_is_not_understood_is_spoken_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "lipwright"):
        script = read_script(
            '<speak><amazon:effect name="whispered">psst</amazon:effect>'
            '<prosody pitch="high"> hi</prosody></speak>'
        )
    assert script.plain == "psst hi"
    assert "effect" in caplog.text and "prosody" in caplog.text


@pytest.mark.parametrize(
    ("ssml", "told"),
    [
        ("<speak>open", "not well formed.*line 1"),
        ("<p>" * 5000 + "deep" + "</p>" * 5000, "more than 50 tags inside each other"),
        ('<speak><break time="soon"/></speak>', 'break time "soon".*500ms'),
        ('<speak><break time="1h"/></speak>', "break time"),
        ('<speak><break time="99s"/></speak>', "60s at most"),
        ('<speak><break strength="long"/></speak>', "medium"),
        ('<speak><prosody rate="quick">a</prosody></speak>', "fast"),
        ('<speak><emphasis level="huge">a</emphasis></speak>', "strong"),
        ('<speak><say-as interpret-as="money">5</say-as></speak>', "currency"),
        ('<speak><phoneme alphabet="x-sampa" ph="a">a</phoneme></speak>', "ipa"),
        ('<speak><phoneme ph="">a</phoneme></speak>', "without sounds"),
        ('<!DOCTYPE s [<!ENTITY a "b">]><speak>&a;</speak>', "DOCTYPE"),
    ],
)
def test_bad_ssml_is_told(ssml: str, told: str) -> None:
    with pytest.raises(VoiceError, match=told):
        read_script(ssml, markup="ssml")


def test_the_kind_of_markup() -> None:
    assert texts(read_script("a <break/> b", markup="plain")) == ["a   b"]
    assert read_script("a & b", markup="ssml").plain == "a & b"
    with pytest.raises(UsageError, match="html"):
        read_script("a", markup="html")


def test_values_are_words_and_not_markup() -> None:
    values = {"name": '<break time="9s"/> & "Co"', "sum": "*5,053*"}
    plain = read_script("Hi {name}, pay {sum}.", values=values)
    assert plain.segments == (Text('Hi <break time="9s"/> & "Co", pay *5,053*.'),)
    ssml = read_script("<speak>Hi {name}</speak>", values=values)
    assert ssml.segments == (Text('Hi <break time="9s"/> & "Co"'),)
    alias = read_script('<speak><sub alias="{name}">x</sub></speak>', values=values)
    assert alias.plain == '<break time="9s"/> & "Co"'


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<speak><break/>Hi</speak>", "Hi"),
        ('<speak>Hi<break time="100ms"/>you</speak>', "Hi, you"),
        ("<speak>Hi <break/> <break/> you</speak>", "Hi... you"),
        ("<speak>Hi. <break/> You! <break/></speak>", "Hi... You!..."),
        ('<speak>Hi. <break time="100ms"/>You</speak>', "Hi. You"),
        ("Wait... what?", "Wait... what?"),
        ('<speak>Pay <say-as interpret-as="digits">12</say-as>.</speak>', "Pay one two."),
    ],
)
def test_plain(written: str, plain: str) -> None:
    pytest.importorskip("num2words")
    assert " ".join(read_script(written).plain.split()) == plain


def test_the_transcript_shows_no_breaks() -> None:
    script = read_script('<speak>Hi! <break time="2s"/> Wait... what?</speak>')
    assert script.transcript == "Hi! Wait... what?"


def test_google() -> None:
    script = read_script(
        '<speak>Wo<emphasis>rld</emphasis> &amp; <break time="11s"/>'
        '<phoneme ph="a">x y</phoneme> <prosody rate="80%">go</prosody></speak>'
    )
    assert script.words == ["World", "&...", "x", "y", "go"]
    assert script.ssml("google", marks=True) == (
        '<speak><mark name="0"/>Wo<emphasis level="moderate">rld</emphasis> '
        '<mark name="1"/>&amp; <break time="10000ms"/><break time="1000ms"/>'
        '<mark name="2"/><mark name="3"/><phoneme alphabet="ipa" ph="a">x y</phoneme> '
        '<prosody rate="80%"><mark name="4"/>go</prosody></speak>'
    )


def test_polly_and_azure_take_no_emphasis() -> None:
    script = read_script("<speak>a <emphasis>b</emphasis></speak>")
    assert script.ssml("polly", rate=1.2) == (
        '<speak><prosody rate="120%">a <prosody rate="90%">b</prosody></prosody></speak>'
    )
    azure = script.ssml("azure", voice="en-IN-NeerjaNeural", rate=0.9)
    root = ElementTree.fromstring(azure)
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en-IN"
    assert '<voice name="en-IN-NeerjaNeural"><prosody rate="-10%">a ' in azure
    with pytest.raises(ValueError, match="sapi"):
        script.ssml("sapi")


def test_split_at_sentences() -> None:
    script = read_script("One two. Three four! Five six seven eight? Nine.")
    parts = script.split(21, lambda part: len(part.plain))
    assert [part.plain for part in parts] == [
        "One two. Three four!", "Five six seven eight?", "Nine.",
    ]  # fmt: skip
    assert script.split(1000, lambda part: len(part.plain)) == [script]
    with pytest.raises(VoiceError, match="too long"):
        read_script("abcdefghij").split(5, lambda part: len(part.plain))


def test_split_keeps_every_word_and_its_manner() -> None:
    script = read_script(
        '<speak>One. <prosody rate="80%">Two three. Four.</prosody><break time="1s"/> Five</speak>'
    )
    parts = script.split(12, lambda part: len(part.plain))
    assert [word.strip(".") for part in parts for word in part.words] == [
        "One", "Two", "three", "Four", "Five",
    ]  # fmt: skip
    assert any(Text("Four.", rate=0.8) in part.segments for part in parts)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab <>&\"'.!?{}…*_#\n\u0915\u094d", max_size=40))
def test_any_plain_text_is_read_and_written(text: str) -> None:
    script = read_script(text.replace("{", "{{").replace("}", "}}"), markup="plain")
    document = script.ssml("google", marks=True)
    root = ElementTree.fromstring(document)
    assert len(root.findall(".//mark")) == len(script.words)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab </>&=\"'.speakbrmxhi!?#;\n", max_size=40))
def test_any_ssml_is_read_or_refused(text: str) -> None:
    try:
        read_script(f"<speak>{text}</speak>", markup="ssml")
    except VoiceError as error:
        assert str(error).endswith(".")
