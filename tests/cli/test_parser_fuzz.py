"""Whatever is typed, the answer is a status and at most one line of error: never a traceback."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lipwright.cli import run

OPTIONS = [
    "--image", "--audio", "--output", "--text", "--script", "--voice", "--quality", "--fps",
    "--video", "--length", "--language", "--set", "--lexicon", "--no-cache", "--preview",
    "--accent", "--gender", "--provider", "--clear",
    "--gpu", "--engine", "--motion", "--speaker", "--speech", "--seed", "--quiet", "--json",
    "--encoder", "--rate", "-o", "-q",
]  # fmt: skip
VALUES = [
    "edge",
    "kokoro:",
    "hi",
    "a=b",
    "",
    "0",
    "-1",
    "25",
    "1e999",
    "nan",
    "30000/1001",
    "low",
    "true",
    "portrait",
    "no.mp4",
]
words = st.one_of(
    st.sampled_from(OPTIONS),
    st.sampled_from(VALUES),
    st.text(max_size=12),
    st.builds("{}={}".format, st.sampled_from(OPTIONS), st.text(max_size=8)),
)


@pytest.mark.usefixtures("fake_engines")
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    command=st.sampled_from(
        ["sync", "say", "demo", "engines", "encoders", "voices", "cache", "", "--version"]
    ),
    arguments=st.lists(words, max_size=8),
)
def test_any_arguments_get_an_answer(command, arguments, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path))
    monkeypatch.delenv("LIPWRIGHT_DEBUG", raising=False)
    monkeypatch.setattr("lipwright.speech.synthesize", _silent)
    monkeypatch.setattr("lipwright.speech.begin_speech", _silent)
    monkeypatch.setattr("lipwright.cli.demo.find_sample_portrait", _no_portrait)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run([command, *arguments])
    assert status in (0, 1, 2)
    complaints = err.getvalue().splitlines()
    assert "Traceback" not in err.getvalue() and "something unexpected" not in err.getvalue()
    assert sum(line.startswith("error: ") for line in complaints) <= 1
    assert (status == 0) == (not any(line.startswith("error: ") for line in complaints)) or (
        status == 2 and "Usage" in out.getvalue() + err.getvalue()
    )


def _silent(*arguments: object, **options: object) -> None:
    from lipwright.core.errors import VoiceError

    raise VoiceError("No voice speaks in this test: none is needed.")


def _no_portrait() -> None:
    from lipwright.core.errors import MissingExtraError

    raise MissingExtraError("The demo's portrait", "demo")
