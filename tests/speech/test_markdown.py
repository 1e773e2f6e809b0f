"""Markdown without its signs."""

from __future__ import annotations

import pytest

from lipwright.speech.normalization.markdown import strip_markdown

CASES = {
    "# Your bill #\n\nPay it.": "Your bill.\n\nPay it.",
    "Your bill\n=========\nPay it.": "Your bill.\nPay it.",
    "**bold**, *slanted*, ***both***, __bold__, _slanted_": "bold, slanted, both, bold, slanted",
    "~~gone~~ and `code`": "gone and code",
    "snake_case_name and 2 * 3 * 4": "snake_case_name and 2 * 3 * 4",
    "[the link](https://a.b/c?d) ![a cat](cat.png)": "the link a cat",
    "[the link][1]\n\n[1]: https://a.b": "the link\n\n",
    "<https://a.b>": "https://a.b",
    "- one\n- [x] two\n+ three!\n* four,": "one.\ntwo.\nthree!\nfour,",
    "1) one\n2) two": "one.\ntwo.",
    "> said": "said",
    "one\n\n---\n\ntwo": "one\n\n\n\ntwo",
    "| a | b |\n|---|---|\n| 1 | 2 |": " a, b .\n 1, 2 .",
    "```python\nx\n```\ny": "x\ny",
    "text[^1]": "text",
    "a <!-- no --> b <b>c</b>": "a  b  c ",
    r"5 \* 3 \_ \#": "5 * 3 _ #",
    "---\ntitle: x\n---\nHello": "Hello",
    "5 < 6 > 4": "5 < 6 > 4",
    "Rs 500-1000\n2. May": "Rs 500-1000\n2. May",
}


@pytest.mark.parametrize(("written", "words"), CASES.items())
def test_stripping(written: str, words: str) -> None:
    assert strip_markdown(written) == words
