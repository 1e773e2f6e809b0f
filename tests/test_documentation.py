"""Every command and snippet of README and docs is understood, and run where this can be offline."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

import lipwright
from lipwright.cli import run
from lipwright.cli.app import make_command
from lipwright.speech.voices import parse_voice
from tests.documentation import ROOT, blocks, commands, program
from tests.helpers import hopper_path, read_picture, speech_wav
from tests.pairs import both
from tests.videos import moved_portrait, write_film

COMMANDS = commands()
OURS = [(page, given) for page, words in COMMANDS if (given := program(words)) is not None]
OTHERS = [words for _, words in COMMANDS if program(words) is None]
ELSEWHERE = {"models", "evaluate", "demo", "encoders", "serve", "campaign"}
"""Commands that need a network, hours of film or minutes of work, or never end: their own tests run
them."""
SMALL = ["--quality", "low", "--fps", "12"]
"""What makes a video quick to make; the last word of two counts."""


def name(case: tuple[str, list[str]]) -> str:
    return f"{case[0]}: {' '.join(case[1])}"[:90]


def needs_others(given: list[str]) -> bool:
    """Whether a command needs a service, weights of others or a signature of one's own."""
    words = " ".join(given)
    services = "elevenlabs:|google:|edge:|polly:|azure:|gtts:"
    return given[0] in ELSEWHERE or bool(re.search(rf"{services}|wav2lip|lipgan|kokoro:", words))


RUN = [case for case in OURS if not needs_others(case[1])]


@pytest.mark.parametrize("case", OURS, ids=name)
def test_the_command_line_understands(case):
    command, given = make_command(), list(case[1])
    context = command.make_context("lipwright", given)
    while hasattr(command, "commands"):
        rest = [*context._protected_args, *context.args]
        _, command, rest = command.resolve_command(context, rest)
        context = command.make_context(command.name, rest, parent=context)
    if "voice" in context.params and context.params["voice"]:
        parse_voice(context.params["voice"], context.params.get("language"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A folder with every file that the documentation names."""
    folder = tmp_path_factory.mktemp("desk")
    picture = read_picture(hopper_path())
    import cv2

    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for file in ("me.jpg", "portrait.jpg", "painting.jpg", "anna.jpg", "ravi.jpg", "cut-out.png"):
        cv2.imwrite(str(folder / file), small)
    speech = speech_wav(folder / "a.wav", 0.4)
    for file in ("speech.wav", "new.wav", "anna.wav", "ravi.wav", "news.wav", "story.wav",
                 "hindi.wav", "letter.wav", "speech.mp3", "poem.ogg"):  # fmt: skip
        shutil.copy(speech, folder / file)
    cv2.imwrite(str(folder / "anna.jpg"), both()[:, both().shape[1] // 2 :])
    two = [cv2.resize(both(frame), None, fx=0.5, fy=0.5) for frame in range(8)]
    write_film(folder / "talk.mp4", two, audio=speech)
    film = write_film(folder / "ad.mp4", [moved_portrait(i) for i in range(8)], audio=speech)
    shutil.copy(film, folder / "lecture.mp4")
    for file in ("letter.md", "letter.txt", "reminder.txt", "bill.txt"):
        (folder / file).write_text("Dear {name}, {amount}.", encoding="utf-8")
    for place in ("input/images", "input/audio", "output/generated_videos"):
        (folder / place).mkdir(parents=True)
    shutil.copy(folder / "me.jpg", folder / "input/images/NAME.jpg")
    shutil.copy(speech, folder / "input/audio/NAME.wav")
    (folder / "hindi.txt").write_text("नमस्ते!", encoding="utf-8")
    return folder


FILLED = ("name=", "amount=")
"""What the texts of `desk` leave open."""


def completed(given: list[str]) -> list[str]:
    """A command with values for all that the texts want, and quick."""
    words = list(given)
    if "--script" in words:
        script = words[words.index("--script") + 1]
        if script != "hindi.txt":
            missing = [value for value in FILLED if not any(w.startswith(value) for w in words)]
            words += [part for value in missing for part in ("--set", f"{value}5")]
    return words + (SMALL if words[0] == "sync" else [])


@pytest.mark.slow
@pytest.mark.parametrize("case", RUN, ids=name)
def test_the_command_works(case, desk, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    given = completed(case[1])
    status = run(given)
    said = capsys.readouterr().err
    if "--resume" in given and "nothing to" in said:
        return  # that nothing had broken off is said
    assert status == 0, said
    for flag in ("--output", "-o"):
        if flag in given:
            assert Path(given[given.index(flag) + 1]).stat().st_size > 0


@pytest.mark.parametrize("words", OTHERS, ids=" ".join)
def test_other_commands_name_what_is_there(words):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = [word for word in words[1:] if "=" not in word]
        assert set(targets) <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    elif words[:2] == ["pip", "install"]:
        extras = re.findall(r"\[([\w,]+)\]", " ".join(words))
        wanted = {extra for found in extras for extra in found.split(",")}
        assert wanted <= set(project["optional-dependencies"])
        files = [words[i + 1] for i, word in enumerate(words) if word == "-r"]
        assert all((ROOT / file).exists() for file in files)
    elif words[0] == "export":
        sources = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.py"))
        theirs = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")  # read by their own library
        for variable in (word.split("=")[0] for word in words[1:]):
            assert variable in theirs or variable in sources, variable
    else:
        path = ROOT / words[0]
        assert path.exists() or words[0] in {"docker", "gcloud", "git", "python", "pre-commit", "."}


PYTHON = [block for block in blocks("python") if block.page not in ("engines.md", "models.md")]
"""That of engines.md is the shape of a class (tests/engines/toy has a whole one), that of models.md
needs weights of others (tests/weights runs the same with made ones)."""


@pytest.mark.slow
@pytest.mark.parametrize("block", PYTHON, ids=lambda block: f"{block.page}-{len(block.text)}")
def test_the_python_snippet_works(block, desk, monkeypatch):
    monkeypatch.chdir(desk)
    exec(compile(block.text, block.page, "exec"), {"lipwright": lipwright})
