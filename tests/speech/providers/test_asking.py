"""What all providers share: asking again, keys, and sound in memory."""

from __future__ import annotations

import io
import logging
import wave
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pytest

from lipwright.core.errors import MissingExtraError, VoiceError
from lipwright.core.secrets import HIDDEN
from lipwright.speech.providers import import_sdk
from lipwright.speech.providers.audio_response import check_rate, read_pcm16, read_sound
from lipwright.speech.providers.credentials import read_key, redact
from lipwright.speech.providers.error_text import innermost_reason
from lipwright.speech.providers.retry import (
    FIRST_WAIT,
    LONGEST_WAIT,
    LONGEST_WORDS,
    ProviderFailure,
    read_retry_after,
    to_error,
    with_retries,
)

KEY = "sk-very/secret+key"


class Refused(Exception):
    """What a service's SDK raises; its failure is its argument."""


def describe(error: Exception) -> ProviderFailure | None:
    return error.args[0] if isinstance(error, Refused) else None


BUSY = ProviderFailure("slow down", retryable=True)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr("lipwright.speech.providers.retry.wait", waited.append)
    return waited


def ask(*answers: object, **options: object) -> object:
    """Asks a service that gives these answers in turn; a failure is raised."""
    remaining = iter(answers)

    def call() -> object:
        answer = next(remaining)
        if isinstance(answer, ProviderFailure):
            raise Refused(answer)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return with_retries(call, describe, provider="Parrot", **options)  # type: ignore[arg-type]


def test_waits_grow_and_differ(waits: list[float], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "lipwright"):
        assert ask(BUSY, BUSY, BUSY, "sound") == "sound"
    for number, seconds in enumerate(waits):
        usual = FIRST_WAIT * 2**number
        assert 0.75 * usual <= seconds <= 1.25 * usual and seconds != usual
    assert caplog.text.count("Parrot cannot speak just now") == 3


def test_the_innermost_reason_is_whole() -> None:
    import requests
    import urllib3

    end = ConnectionResetError("Remote end closed connection")
    dropped = requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", end))
    assert innermost_reason(dropped) == "Remote end closed connection"
    lost = OSError("<pool at 0x7f>: Failed to resolve 'a.b' ([Errno -2] Name not known)")
    assert innermost_reason(lost) == "Failed to resolve 'a.b' ([Errno -2] Name not known)"


def test_the_service_says_how_long(waits: list[float]) -> None:
    patient = ProviderFailure("slow down", retryable=True, retry_after=7.0)
    assert ask(patient, "sound") == "sound" and waits == [7.0]


def test_nobody_waits_for_an_hour(waits: list[float]) -> None:
    later = ProviderFailure("come back", retryable=True, retry_after=LONGEST_WAIT + 1)
    with pytest.raises(VoiceError, match=r"Parrot did not speak the text \(come back\)"):
        ask(later, "sound")
    assert waits == []


def test_the_last_try_tells_how_many_there_were(waits: list[float]) -> None:
    with pytest.raises(VoiceError, match=r"after 4 tries \(slow down\): try again later\.$"):
        ask(*[BUSY] * 5)
    assert len(waits) == 3


def test_a_refusal_is_not_asked_again(waits: list[float]) -> None:
    refusal = ProviderFailure("no such key.", advice="check PARROT_KEY")
    with pytest.raises(VoiceError) as caught:
        ask(refusal, "sound")
    assert str(caught.value) == "Parrot did not speak the text (no such key): check PARROT_KEY."
    assert waits == []
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_what_is_not_the_services_passes(waits: list[float]) -> None:
    with pytest.raises(ZeroDivisionError):
        ask(ZeroDivisionError())
    with pytest.raises(VoiceError, match="^said already$"):
        ask(VoiceError("said already"))


def test_a_message_is_one_line_without_keys() -> None:
    words = f"bad\nkey {KEY} at https://x/?key=sk-very%2Fsecret%2Bkey"
    message = str(to_error(ProviderFailure(words), "Parrot", [KEY, ""]))
    assert "\n" not in message and message.count(HIDDEN) == 2 and "secret" not in message
    long = str(to_error(ProviderFailure("x" * 10_000), "Parrot"))
    assert len(long) < LONGEST_WORDS + 100
    assert "it gave no reason" in str(to_error(ProviderFailure(" "), "Parrot"))


def test_secrets_within_secrets() -> None:
    assert redact("abcdef abc", ["abc", "abcdef"]) == f"{HIDDEN} {HIDDEN}"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3.0), ("0.5", 0.5), ("-1", 0.0), ("nan", None), ("soon", None), ("", None)],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert read_retry_after({"retry-after": value}) == seconds
    assert read_retry_after({"Retry-After": value}) == seconds


def test_retry_after_as_a_date() -> None:
    then = datetime.now(UTC) + timedelta(seconds=20)
    found = read_retry_after({"retry-after": format_datetime(then, usegmt=True)})
    assert found is not None and 17 <= found <= 20
    past = format_datetime(then - timedelta(days=1), usegmt=True)
    assert read_retry_after({"retry-after": past}) == 0 and read_retry_after({}) is None


def test_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARROT_KEY", raising=False)
    monkeypatch.setenv("OLD_KEY", f" {KEY}\n")
    assert read_key("Parrot", "PARROT_KEY", "OLD_KEY") == KEY
    with pytest.raises(VoiceError, match="environment variable PARROT_KEY"):
        read_key("Parrot", "PARROT_KEY")
    for wrong in ("käy", "two words", "a\x07b"):
        monkeypatch.setenv("PARROT_KEY", wrong)
        with pytest.raises(VoiceError, match="no key has") as caught:
            read_key("Parrot", "PARROT_KEY")
        assert wrong not in str(caught.value)


def test_a_missing_sdk_names_its_extra() -> None:
    with pytest.raises(MissingExtraError, match=r"^Parrot needs .*lipwright\[parrot\]"):
        import_sdk("no_such_package_here", "Parrot", "parrot")
    assert import_sdk("json", "Parrot", "parrot").loads("1") == 1


def wav(samples: np.ndarray, rate: int, channels: int = 1) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return content.getvalue()


def test_sound_is_read_at_its_own_rate() -> None:
    wave_form = np.array([0, 16384, -32768, 32767], np.int16)
    assert read_pcm16(wave_form.tobytes() + b"\x01", "Parrot") == pytest.approx(
        [0, 0.5, -1, 32767 / 32768]
    )
    hum = (np.sin(np.arange(2400) / 5) * 9000).astype(np.int16)
    samples, rate = read_sound(wav(hum, 24000), "Parrot")
    assert rate == 24000 and samples.dtype == np.float32
    assert samples == pytest.approx(hum / 32768, abs=1e-4)
    stereo, _ = read_sound(wav(np.repeat(hum, 2), 24000, 2), "Parrot")
    assert stereo.shape == samples.shape


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>Busy</html>", wav(np.zeros(0), 24000), b"ffconcat version 1.0\nfile own.wav\n"],
)
def test_what_is_no_sound(content: bytes) -> None:
    with pytest.raises(VoiceError, match="^Parrot sent .*no sound"):
        read_sound(content, "Parrot")


def test_silence_and_strange_rates() -> None:
    with pytest.raises(VoiceError, match="sent no sound"):
        read_pcm16(bytes(2000), "Parrot")
    with pytest.raises(VoiceError, match="sent no sound"):
        read_sound(wav(np.zeros(2400), 24000), "Parrot")
    with pytest.raises(VoiceError, match="100 samples a second"):
        read_sound(wav(np.ones(2400) * 900, 100), "Parrot")
    check_rate(24000, 24000, "Parrot")
    with pytest.raises(VoiceError, match="16000 samples a second instead of 24000"):
        check_rate(16000, 24000, "Parrot")
