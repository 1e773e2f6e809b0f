"""What a file of pronunciations may hold, and how a line that cannot be read is told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from lipwright.cli import run
from lipwright.core.errors import VoiceError
from lipwright.speech.g2p.lexicon import clean_phonemes, own_lexicon, read_lexicon
from lipwright.speech.g2p.phoneme_alphabet import token_numbers


def write(folder: Path, line: str) -> Path:
    path = folder / "names.txt"
    path.write_text(f"# names\nMathangi maa-THUNG-gee\n{line}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ("hi\tqqq@@", "@"),
        ("hi qqq@@", "@"),
        ("hi\t@@", "@"),
        ("Bajaj Finserv\tba-JAAJ, fin-surv", ","),
        ("Ravi raa-VEE # a name", "#"),
        ("Ravi raa_vee", "_"),
        ("Ravi raa-v33", "3"),
        ("Ravi ɾaː3", "3"),
        ("Ravi /ra@i/", "@"),
        ("Ravi ˈɾaːʋiː @", "@"),
        ("Ravi raa–VEE", "–"),
        ("Ravi raa’VEE", "’"),
        ("Ravi raa\u200bvee", "U+200B"),
        ("Ravi रवि", "र"),
        ("Ravi ˈ你", "你"),
    ],
)
def test_a_sign_that_is_no_sound_is_told_with_file_and_line(
    tmp_path: Path, line: str, sign: str
) -> None:
    path = write(tmp_path, line)
    with pytest.raises(VoiceError) as told:
        read_lexicon(path)
    assert str(told.value).startswith(f'Line 3 of {path} has the sign "{sign}" in ')


@pytest.mark.parametrize("line", ["Ravi", "Ravi\t", "Ravi --", "Ravi //", "Ravi ˈː", "Ravi /ˈ/"])
def test_a_line_without_sounds_is_told_with_file_and_line(tmp_path: Path, line: str) -> None:
    path = write(tmp_path, line)
    with pytest.raises(VoiceError, match=f"Line 3 of {path} has no pronunciation"):
        read_lexicon(path)


@pytest.mark.parametrize(
    "sounds",
    [
        "maa-THUNG-gee",
        "ba-JAAJ fin-surv",
        "raa VEE",
        "ra'vi",
        "[raavee]",
        "/ravi/",
        "[ˈɾaː.ʋiː]",
        "/ˌt͡ʃæ̃ˈd̪ʱoʊ̯/",
        "pʰʲʷˠˤ ɓǀǃɗɬⱱ",
        "ˈɕçãẽĩ",
        "ma˥˩ ↗ na ‿ a",
        "ʣɪᵊᵻTAIOQWY",
    ],
)
def test_plain_letters_and_ipa_are_taken_as_they_are(tmp_path: Path, sounds: str) -> None:
    assert read_lexicon(write(tmp_path, f"ravi {sounds}"))["ravi"] == sounds


def test_every_sign_of_the_offline_voice_is_taken(tmp_path: Path) -> None:
    for sign in token_numbers():
        sounds = f"ˈɾa{sign}ʋiː"
        assert read_lexicon(write(tmp_path, f"ravi {sounds}"))["ravi"] == sounds


def test_our_own_list_is_sound() -> None:
    assert own_lexicon()["mathangi"] == "maːtˈʌŋɡiː"


def test_nothing_is_spoken_with_a_wrong_lexicon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, output = write(tmp_path, "hi\tqqq@@"), tmp_path / "hi.wav"
    given = ["say", "--text", "hi", "--lexicon", str(path), "--output", str(output)]
    assert run(given) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1
    assert f"Line 3 of {path}" in err and not output.exists()


def test_a_symbol_that_the_voice_has_not_is_told() -> None:
    with pytest.raises(VoiceError, match='The pronunciation "ʘa" has the symbol "ʘ", which the'):
        clean_phonemes("ʘa")
