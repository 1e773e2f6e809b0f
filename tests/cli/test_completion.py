"""Completion of a shell: commands, options and their values."""

from __future__ import annotations

import pytest

from lipwright.cli import run


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("lipwright sy", ["sync"]),
        ("lipwright sync --mot", ["--motion"]),
        ("lipwright sync --motion ", ["still", "subtle", "natural", "lively"]),
        ("lipwright models dow", ["download"]),
    ],
)
def test_bash_is_offered_what_fits(words, offered, monkeypatch, capfd):
    monkeypatch.setenv("_LIPWRIGHT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    with pytest.raises(SystemExit):
        run([])
    assert capfd.readouterr().out.split() == offered
