"""Names of voices, what lists say of them, and the tables of the offline ones."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from lipwright.core.errors import VoiceError
from lipwright.speech import list_voices, normalise_voice
from lipwright.speech.kokoro.voices import KOKORO_VOICES, load_style
from lipwright.speech.providers import INSTALLED, PROVIDERS, create_provider, provider_status
from lipwright.speech.providers.base import ProviderInfo, VoiceInfo
from lipwright.speech.voices import VoiceName, parse_language, parse_voice
from lipwright.weights import Store, find_entry


@pytest.fixture(autouse=True)
def nothing_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path))


class Parrot:
    """A service whose module every Python has."""

    name = "parrot"
    version = "1"

    def voices(self) -> list[VoiceInfo]:
        return [
            VoiceInfo("en-GB-Polly", "parrot", "en-GB", "British English", "", "a biscuit"),
            VoiceInfo("hi-IN-Tota", "parrot", "hi-IN", "Hindi", "male", "a chilli"),
        ]


PARROT = ProviderInfo(
    name="parrot",
    summary="Repeats.",
    extra="parrot",
    module="json",
    needs=("PARROT_KEY", "PARROT_REGION"),
    default_voice="en-GB-Polly",
    factory="tests.speech.test_voices:Parrot",
    credential_files=("~/.parrot",),
)


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(PROVIDERS, "parrot", PARROT)
    monkeypatch.setattr("lipwright.speech.voices.create_provider", _create)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in PARROT.needs:
        monkeypatch.delenv(name, raising=False)


def _create(name: str):
    return Parrot() if name == "parrot" else create_provider(name)


@pytest.mark.parametrize(
    ("given", "full"),
    [
        (" Anika ", "kokoro:anika"),
        ("kokoro:anika", "kokoro:anika"),
        ("Kokoro:BF_Emma", "kokoro:bf_emma"),
        ("bf_emma", "kokoro:bf_emma"),
        ("kokoro", "kokoro:anika"),
        ("kokoro:", "kokoro:anika"),
        ("parrot", "parrot:en-GB-Polly"),
        ("PARROT:en-gb-polly", "parrot:en-GB-Polly"),
        ("parrot:fr-FR-Jacques", "parrot:fr-FR-Jacques"),
        ("parrot:a:b", "parrot:a:b"),
    ],
)
def test_names(given: str, full: str, parrot: None) -> None:
    assert normalise_voice(given) == full


def test_a_provider_alone_speaks_the_language_that_is_asked_for(parrot: None) -> None:
    assert str(parse_voice("parrot", "hi")) == "parrot:hi-IN-Tota"
    assert str(parse_voice("parrot", "en")) == "parrot:en-GB-Polly"
    assert str(parse_voice("parrot", "hi-Deva_in")) == "parrot:hi-IN-Tota"
    assert str(parse_voice("kokoro", "hi")) == "kokoro:anika"
    assert str(parse_voice("kokoro", "en-GB")) == "kokoro:bf_emma"


@pytest.mark.parametrize("language", ["fr", "en-AU"])
def test_a_provider_alone_does_not_speak_what_none_of_its_voices_does(
    parrot: None, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    with pytest.raises(VoiceError, match=f'lists no voice of the language "{language}".*parrot:'):
        parse_voice("parrot", language)
    assert str(parse_voice("parrot:fr-FR-Jacques", language)) == "parrot:fr-FR-Jacques"
    monkeypatch.setitem(PROVIDERS, "parrot", replace(PARROT, any_language=True))
    assert str(parse_voice("parrot", language)) == "parrot:en-GB-Polly"


@pytest.mark.parametrize(
    ("provider", "example"),
    [
        ("google", "google:ta-IN-Wavenet-A"),
        ("edge", "edge:ta-IN-PallaviNeural"),
        ("polly", "polly:Lea"),
        ("azure", "azure:ta-IN-PallaviNeural"),
        ("gtts", "gtts:ta"),
    ],
)
def test_the_error_shows_how_a_voice_of_a_language_is_named(provider: str, example: str) -> None:
    with pytest.raises(VoiceError) as told:
        parse_voice(provider, "ta")
    message = str(told.value)
    assert 'the language "ta"' in message and f"like {example} (" in message
    assert '"lipwright voices" shows' in message
    assert str(parse_voice(example, "ta")) == example


def test_the_voices_of_elevenlabs_speak_all_its_languages() -> None:
    assert str(parse_voice("elevenlabs", "ta")) == "elevenlabs:monika"
    assert str(parse_voice("elevenlabs", "hi")) == "elevenlabs:raju"


def test_what_is_no_language_is_told_of_as_that_for_a_provider_alone() -> None:
    with pytest.raises(VoiceError, match='"klingon" is no language'):
        parse_voice("edge", "klingon")


def test_an_offline_provider_alone_is_told_of_what_it_speaks() -> None:
    with pytest.raises(VoiceError, match='offline voice does not speak "ta"'):
        parse_language("ta", parse_voice("kokoro", "ta"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("bob", "anika or arjun"),
        ("kokoro:bob", "anika or arjun"),
        ("bf_ema", "did you mean bf_emma"),
        ("piper:anika", 'no voice provider "piper".*choose one of kokoro'),
        ("", "There is no voice"),
    ],
)
def test_wrong_names(given: str, message: str) -> None:
    with pytest.raises(VoiceError, match=message):
        normalise_voice(given)


@pytest.mark.parametrize(
    ("language", "voice", "tag"),
    [
        (None, "anika", "en-IN"),
        (None, "af_heart", "en-US"),
        (None, "bm_george", "en-GB"),
        ("hi", "anika", "hi-IN"),
        ("HI_in", "anika", "hi-IN"),
        ("en", "af_heart", "en-IN"),
        ("fr", "parrot:fr-FR-Jacques", "fr"),
        (None, "parrot", "en-GB"),
        (None, "parrot:ta-IN-Valli", "ta-IN"),
        (None, "parrot:Valli", "en-IN"),
    ],
)
def test_languages(language: str | None, voice: str, tag: str, parrot: None) -> None:
    assert parse_language(language, parse_voice(voice)) == tag


@pytest.mark.parametrize("language", ["english", "h", "hi-", "12"])
def test_what_is_no_language(language: str) -> None:
    with pytest.raises(VoiceError, match="is no language"):
        parse_language(language, VoiceName("kokoro", "anika"))


def test_a_language_the_offline_voice_has_not() -> None:
    with pytest.raises(VoiceError, match='does not speak "fr".*en-IN, en-US'):
        parse_language("fr", VoiceName("kokoro", "anika"))


def test_the_list_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    voices = {voice.full_name: voice for voice in list_voices(provider="kokoro")}
    assert list(voices)[:2] == ["kokoro:anika", "kokoro:arjun"]
    assert len(voices) == len(KOKORO_VOICES) == 32
    assert voices["kokoro:af_bella"].status == "lipwright models download kokoro-voices-american"
    assert voices["kokoro:bf_lily"].status == "lipwright models download kokoro-voices-british"
    absent = replace(PROVIDERS["kokoro"], module="no_such_package_here.at.all")
    monkeypatch.setitem(PROVIDERS, "kokoro", absent)
    for voice in list_voices(provider="kokoro"):
        assert voice.status == 'pip install "lipwright[voice]"' and not voice.installed


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_lists_voices_without_its_sdk(provider: str) -> None:
    voices = create_provider(provider).voices()
    info = PROVIDERS[provider]
    assert info.default_voice in [voice.name for voice in voices]
    assert {voice.provider for voice in voices} == {provider}
    assert len({voice.name for voice in voices}) == len(voices)
    for voice in voices:
        assert voice.gender in ("female", "male", "") and voice.accent and voice.licence
        assert voice.language.partition("-")[0].islower()
    assert info.summary.endswith(".") and info.extra and info.module


def test_a_key_or_a_file_of_keys(
    parrot: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert provider_status(PARROT) == "needs a key: PARROT_KEY and PARROT_REGION"
    monkeypatch.setenv("PARROT_KEY", "secret")
    voice = list_voices(provider="parrot")[0]
    assert voice.status == "needs a key: PARROT_REGION" and not voice.installed
    (tmp_path / ".parrot").write_text("[default]")
    assert provider_status(PARROT) == INSTALLED
    (tmp_path / ".parrot").unlink()
    monkeypatch.setenv("PARROT_REGION", "there")
    voice = list_voices(provider=" Parrot ")[0]
    assert voice.installed


def test_filters() -> None:
    def names(**wanted: str) -> set[str]:
        return {voice.name for voice in list_voices(provider="kokoro", **wanted)}

    assert names(language="hi") == {"anika", "arjun", "hf_alpha", "hm_psi"}
    assert names(accent="Indian", gender="Female") == {"anika", "hf_alpha"}
    assert names(accent="en-GB") == names(accent="british") == names(language="en_gb")
    assert "bf_emma" in names(accent="british") and "af_heart" not in names(accent="british")
    assert len(names(language="en")) == 32
    assert names(accent="scottish") == set()
    with pytest.raises(VoiceError, match="no voice provider"):
        list_voices(provider="piper")


def test_shipped_tables_are_the_recorded_ones() -> None:
    shipped = [voice for voice in KOKORO_VOICES.values() if voice.sha256]
    assert len(shipped) == 8
    for voice in shipped:
        data = resources.files("lipwright.speech").joinpath("assets", f"{voice.table}.bin")
        assert hashlib.sha256(data.read_bytes()).hexdigest() == voice.sha256
        style = load_style(voice)
        assert style.shape == (510, 1, 256) and np.isfinite(style).all()


def test_every_other_table_is_in_the_manifest() -> None:
    for voice in KOKORO_VOICES.values():
        if voice.sha256 is None:
            files = {file.name: file for file in find_entry(voice.model).files}
            assert files[f"{voice.table}.bin"].bytes == 510 * 256 * 4


def test_a_voice_that_was_not_downloaded_says_how() -> None:
    with pytest.raises(VoiceError, match="run lipwright models download kokoro-voices-british"):
        load_style(KOKORO_VOICES["bf_lily"])


def test_a_downloaded_voice_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = np.arange(510 * 256, dtype=np.float32)
    path = tmp_path / "bf_lily.bin"
    path.write_bytes(table.tobytes())
    monkeypatch.setattr(Store, "installed", lambda self, model: True)
    monkeypatch.setattr("lipwright.weights.find_model", lambda name, file: path)
    assert np.array_equal(load_style(KOKORO_VOICES["bf_lily"]).ravel(), table)
    (lily,) = [v for v in list_voices(provider="kokoro") if v.name == "bf_lily"]
    assert "download" not in lily.status
