"""`lipwright evaluate` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.evaluation.films import buzzing_speech, make_film

from lipwright.cli import run
from lipwright.speech.speech import Speech

pytestmark = pytest.mark.usefixtures("fake_engines")


@pytest.fixture(scope="module")
def buzz(tmp_path_factory) -> Path:
    return make_film(tmp_path_factory.mktemp("buzz") / "buzz.mp4", buzzing_speech())


def evaluate(reference: Path) -> list[str]:
    """The command for an engine that moves nothing: what is measured does not matter here."""
    return ["evaluate", "--engine", "fake", "--reference", str(reference)]


def test_help_names_the_options(capsys):
    assert run(["evaluate", "--help"]) == 0
    shown = capsys.readouterr().out
    for option in ("--reference", "--generated", "--plot", "--noise", "--no-baselines"):
        assert option in shown


def test_a_table_and_a_plot(buzz, tmp_path, capsys):
    phones = tmp_path / "phones.json"
    phones.write_text(json.dumps([[0.1, 0.3, "m"], [0.6, 0.9, "ɑ"]]))
    plot = tmp_path / "plot.png"
    arguments = [
        "--engine",
        "fake",
        "--reference",
        str(buzz),
        "--phones",
        str(phones),
        "--plot",
        str(plot),
    ]
    assert run(["evaluate", *arguments]) == 0
    out = capsys.readouterr().out
    for word in ("gap correlation, speech", "still", "loudness", "other sound", "bilabials"):
        assert word in out
    assert plot.stat().st_size > 10_000


def test_json_for_machines(buzz, capsys):
    assert (
        run(
            [
                "evaluate",
                "--engine",
                "fake",
                "--reference",
                str(buzz),
                "--no-baselines",
                "--json",
                "--quiet",
            ]
        )
        == 0
    )
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    facts = json.loads(out)
    assert list(facts["summary"]) == ["ours", "real"]
    assert facts["summary"]["real"]["gap_correlation"]["median"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--reference", "{none}"], 1, "check the path"),
        (["--reference", "{folder}"], 1, "no video in"),
        (["--reference", "{buzz}", "--plot", "{folder}/plot.jpg"], 2, ".png or .svg"),
        (["--reference", "{buzz}", "--plot", "{none}/plot.png"], 1, "create it first"),
        (["--reference", "{buzz}", "--phones", "{bad}"], 1, "is not JSON"),
        (["--reference", "{buzz}", "--engine", "fly"], 2, "no engine"),
        (["--reference", "{buzz}", "--noise", "500"], 2, "makes no sense"),
        (["--reference", "{silent}"], 1, "no sound"),
        ([], 2, "--reference"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments, status, says, buzz, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.json").write_text("m 0.1 0.2")
    silent = tmp_path / "silent.mp4"
    if "{silent}" in arguments:
        import av

        with av.open(str(buzz)) as source, av.open(str(silent), "w") as target:
            video = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = video
                    target.mux(packet)
    places = {
        "none": tmp_path / "none",
        "folder": tmp_path / "empty",
        "buzz": buzz,
        "bad": tmp_path / "bad.json",
        "silent": silent,
    }
    filled = [argument.format(**places) for argument in arguments]
    assert run(["evaluate", *filled]) == status
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: ") and err.count("\n") == 1
    assert says in err


def test_the_bad_clip_of_a_folder_is_told_and_the_rest_measured(buzz, tmp_path, capsys):
    (tmp_path / "a.mp4").write_bytes(buzz.read_bytes())
    (tmp_path / "b.mp4").write_bytes(b"no video")
    assert run([*evaluate(tmp_path), "--no-baselines"]) == 0
    out, err = capsys.readouterr()
    assert "1 could not be measured" in out
    assert err.startswith("warning: ") and "b.mp4" in err
    (tmp_path / "a.mp4").unlink()
    assert run(["evaluate", "--reference", str(tmp_path)]) == 1
    assert "None of the 1 videos" in capsys.readouterr().err


def test_a_silent_speech_is_measured_too(tmp_path, capsys):
    import numpy as np

    speech = Speech.from_samples(np.zeros(16_000, np.float32), 16_000)
    film = make_film(tmp_path / "silence.mp4", speech)
    assert run([*evaluate(film), "--no-baselines", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["clips"][0]["measures"]["ours"]["offset"] is None


def test_names_of_files_steer_neither_the_terminal_nor_the_table(buzz, tmp_path, capsys):
    for name in ("a\x1b[31m.mp4", "[bold]c.mp4"):
        (tmp_path / name).write_bytes(buzz.read_bytes())
    assert run([*evaluate(tmp_path), "--no-baselines"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out and r"a\x1b[31m" in out and "[bold]c" in out
