"""Time that grows with the text and no faster, whatever is in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lipwright.pipeline.captions.cues import make_cues
from lipwright.speech.g2p.lexicon import read_lexicon
from lipwright.speech.normalization.markdown import strip_markdown
from lipwright.speech.normalization.normalize import normalize
from lipwright.speech.script.script import read_script
from lipwright.speech.speech import Word

pytest.importorskip("num2words", reason="reading out numbers needs the voice extra")
pytest.importorskip("misaki", reason="pronunciation needs the voice extra")

from lipwright.speech.g2p.pronouncer import Pronouncer  # noqa: E402

GROWTH = 2.3
"""Times the processor time that twice the input may take."""
MEASURABLE = 0.02
"""Seconds that can be measured well enough."""
ENOUGH = 1.5
"""Seconds for the longer input: what takes less does no harm, and is not measured again."""

PRONOUNCER = Pronouncer()


def seconds(work: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    work(text)
    return time.process_time() - start


def assert_linear(work: Callable[[str], object], unit: str, size: int) -> None:
    """Fail where twice the input takes more than GROWTH times the time, in the best of five."""
    growth = []
    for _ in range(5):
        once = seconds(work, unit * (size // len(unit)))
        twice = seconds(work, unit * (2 * size // len(unit)))
        assert twice < ENOUGH, f"{unit!r} takes {twice:.1f} s"
        growth.append(twice / max(once, MEASURABLE))
        if growth[-1] <= GROWTH:
            return
    pytest.fail(f"{unit!r} grows {min(growth):.1f} times")


@pytest.mark.parametrize(
    "unit", ["word ", "[", "![", "[a](", "<!--", "`", "* ", "| ", " ", "# a ", "[^", "a\n", "_a_ "]
)
def test_markdown(unit: str) -> None:
    assert_linear(strip_markdown, unit, 60_000)


@pytest.mark.parametrize(
    "unit",
    [
        "a few words, ",
        "1",
        "1-",
        "x",
        "a.",
        "a@",
        "Rs 5 ",
        "XX-",
        "1 to ",
        "(",
        " ",
        "A ",
        "1e",
        "\n",
    ],
)
def test_normaliser(unit: str) -> None:
    assert_linear(normalize, unit, 4_000)


@pytest.mark.parametrize("unit", ["शब्द ", "1", "क1", "₹5 "])
def test_normaliser_in_hindi(unit: str) -> None:
    assert_linear(lambda text: normalize(text, "hi-IN"), unit, 4_000)


@pytest.mark.parametrize("unit", ["s", "ness", "er", "qz", "a few words ", "क", "Ab", "o'"])
def test_pronouncer(unit: str) -> None:
    assert_linear(PRONOUNCER.pronounce, unit, 3_000)


@pytest.mark.parametrize(
    "unit",
    [
        "Pay <emphasis>now</emphasis> ", "<s>Pay</s>", '<break time="1ms"/>', "<!--", "<break ",
        "<break =", "a... ", "{a ", "&amp;", "<p>a</p> ", "... ",
    ],
)  # fmt: skip
def test_scripts(unit: str) -> None:
    def read(text: str) -> str:
        whole = unit not in ("<!--", "<break ", "<break =", "{a ")
        return read_script(f"<speak>{text}</speak>" if whole else text).plain

    assert_linear(read, unit, 30_000)


def test_splitting() -> None:
    def split(text: str) -> None:
        read_script(text, "plain").split(1000, lambda script: len(script.plain))

    assert_linear(split, "Pay it now. ", 6_000)
    assert_linear(split, "Pay!!!!!!!! ", 6_000)


def test_lexicon(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.txt"

    def read(text: str) -> None:
        path.write_text(text, "utf-8")
        read_lexicon(path)

    assert_linear(read, "name naa-MAY\n", 60_000)
    assert_linear(read, "naam\tnˈaːm nˈaːm\n", 40_000)


def test_captions() -> None:
    def caption(text: str) -> None:
        make_cues([Word(i * 0.4, i * 0.4 + 0.3, word) for i, word in enumerate(text.split())])

    assert_linear(caption, "some words are, said. ", 3_000)
    assert_linear(caption, "x", 20_000)
    assert_linear(caption, ")", 20_000)
