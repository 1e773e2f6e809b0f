"""`begin_speech`: usable at once, the same as `synthesize` in the end, kept for the next time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipwright.core.errors import UsageError, VoiceError
from lipwright.speech import StreamingSpeech, begin_speech, synthesize

TEXT = "Your bill is due. Please pay it today, Priya."


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder in which speech is kept, empty at first."""
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path))
    monkeypatch.delenv("LIPWRIGHT_CACHE_MB")
    return tmp_path / "cache" / "speech"


def kept(cache: Path) -> list[str]:
    return [path.name for path in cache.glob("*.npz")]


def test_what_is_begun_is_what_would_be_synthesized(cache: Path) -> None:
    told: list[float] = []
    speech = begin_speech(TEXT, "arjun", progress=told.append)
    assert isinstance(speech, StreamingSpeech)
    stages = list(speech.prefixes())
    assert [whole for _, whole in stages] == [False] * (len(stages) - 1) + [True]
    assert told == sorted(told) and told[-1] == 1.0
    assert len(kept(cache)) == 1
    alone = synthesize(TEXT, "arjun", cache=False)
    assert speech.phones == alone.phones and speech.words == alone.words
    assert speech.transcript == alone.transcript and speech.rate == alone.rate
    np.testing.assert_allclose(speech.samples, alone.samples, atol=1e-4)


def test_the_second_time_it_comes_from_the_cache(cache: Path) -> None:
    first = begin_speech("Hello, Priya.", "arjun")
    assert first.duration > 0.5
    told: list[float] = []
    second = begin_speech("Hello, Priya.", "arjun", progress=told.append)
    assert not isinstance(second, StreamingSpeech) and told == [1.0]
    assert second.phones == first.phones
    np.testing.assert_allclose(second.samples, first.samples, atol=1e-4)


def test_without_the_cache_nothing_is_kept(cache: Path) -> None:
    assert begin_speech("Hello.", "arjun", cache=False).duration > 0.3
    assert kept(cache) == []


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"text": " "}, VoiceError, "empty"),
        ({"rate": 9.0}, UsageError, "out of range"),
        ({"voice": "nobody"}, VoiceError, 'no voice "nobody"'),
    ],
)
def test_what_is_wrong_is_raised_at_once(wrong: dict, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        begin_speech(**({"text": "Hello", "voice": "arjun"} | wrong))


def test_what_goes_wrong_meanwhile_is_raised_by_the_speech(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise VoiceError("The model is gone: install it again.")

    monkeypatch.setattr("lipwright.speech.kokoro.model.KokoroModel.speak", fail)
    speech = begin_speech("Hello.", "arjun")
    with pytest.raises(VoiceError, match="The model is gone"):
        _ = speech.duration
    assert kept(cache) == []
