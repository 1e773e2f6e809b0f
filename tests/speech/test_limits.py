"""What is too much for one speech is refused, and what is not takes little memory at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipwright.cli.script_options import MAX_SCRIPT_BYTES, read_words
from lipwright.core.errors import UsageError, VoiceError
from lipwright.speech.g2p.lexicon import LONGEST_FILE, read_lexicon
from lipwright.speech.script.script import LONGEST_TEXT, read_script

pytest.importorskip("misaki", reason="pronunciation needs the voice extra")

from lipwright.speech.g2p.dictionary import Dictionary  # noqa: E402
from lipwright.speech.g2p.pronouncer import Pronouncer  # noqa: E402
from lipwright.speech.kokoro.planner import plan_script  # noqa: E402
from lipwright.speech.kokoro.synthesizer import OUTPUT_RATE, Synthesizer  # noqa: E402


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a" * (LONGEST_TEXT + 1), "1,000,001 characters, more than the 1,000,000"),
        ('<speak>a<break time="60s"/>' + '<break time="60s"/>' * 30 + "</speak>", "31 minutes"),
        ("<speak>" + "<s/>" * 100_000 + "</speak>", "more than 100,000 tags"),
        ("<speak>" + "<s>" * 50 + "a" + "</s>" * 50 + "</speak>", "more than 50 tags inside"),
    ],
)
def test_a_script_that_is_too_much(text: str, told: str) -> None:
    with pytest.raises(VoiceError, match=told):
        read_script(text)


def test_values_count_too() -> None:
    with pytest.raises(VoiceError, match="characters, more than"):
        read_script("{a}{a}", values={"a": "b" * (LONGEST_TEXT // 2 + 1)})


def test_a_script_that_is_too_long(tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_bytes(b"a" * (MAX_SCRIPT_BYTES + 1))
    with pytest.raises(UsageError, match=f"more than {MAX_SCRIPT_BYTES:,} bytes"):
        read_words(None, script)


def test_line_ends_of_a_script(tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_bytes(b"One\r\ntwo\rthree")
    assert read_words(None, script) == "One\ntwo\nthree"


def test_a_lexicon_that_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.txt"
    path.write_text("name naa-MAY\n" * (LONGEST_FILE // 13 + 1))
    with pytest.raises(VoiceError, match="more than 2,000,000 bytes"):
        read_lexicon(path)
    path.write_text("a " * 21 + "\tnaa-MAY")
    with pytest.raises(VoiceError, match="Line 1 of .* more than 20 words"):
        read_lexicon(path)


def test_a_word_of_endings_is_looked_up_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    dictionary, calls = Dictionary(), []
    find = Dictionary._find

    def count(*given: Any) -> Any:
        calls.append(1)
        return find(*given)

    monkeypatch.setattr(Dictionary, "_find", count)
    assert dictionary.look_up("s" * 50) is None
    assert len(calls) < 100


def test_the_first_sentence_is_planned_before_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    pronouncer, said = Pronouncer(), []
    say = pronouncer.pronounce

    def count(*given: Any) -> Any:
        said.append(1)
        return say(*given)

    monkeypatch.setattr(pronouncer, "pronounce", count)
    chunks = plan_script(read_script("This is one of the sentences. " * 2000), pronouncer)
    assert next(chunks).phonemes and len(said) < 150
    done = [chunk.done for chunk in chunks]
    assert done == sorted(done) and done[-1] == 1.0 and len(said) == 2000


def test_no_word_is_lost_between_pieces() -> None:
    pronouncer = Pronouncer()
    for text in ("word " * 2000, "Many words, one after the other. " * 300, "a b\n\n" * 500):
        chunks = list(plan_script(read_script(text), pronouncer))
        said = sum(len(chunk.phonemes.split()) for chunk in chunks)
        assert said == len(text.split())


def test_a_long_pause_is_given_away_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    voice = Synthesizer()
    second = np.full(OUTPUT_RATE, 0.1, np.float32)
    monkeypatch.setattr(voice, "_speak", lambda chunk, rate, pause: (second, []))
    chunks = list(voice.stream('<speak>Wait.<break time="60s"/>Go.</speak>'))
    assert [round(chunk.start) for chunk in chunks] == [0, 1, *range(6, 56, 5), 56, 59]
    assert max(chunk.samples.size for chunk in chunks) <= 5 * OUTPUT_RATE
    silent = [chunk for chunk in chunks if not chunk.samples.any()]
    assert sum(chunk.samples.size for chunk in silent) == 58 * OUTPUT_RATE
    assert all(np.shares_memory(chunk.samples, silent[0].samples) for chunk in silent)
