"""Random command lines, made of the commands' own parameters."""

from __future__ import annotations

import inspect
import random
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from tests.cli import soak_corpus as corpus

from lipwright.cli.evaluate import evaluate
from lipwright.cli.faces import faces
from lipwright.cli.inspect import inspect as inspect_file
from lipwright.cli.models import offer
from lipwright.cli.say import say
from lipwright.cli.sync import sync
from lipwright.cli.voices import voices

COMMANDS: dict[str, tuple[Callable[..., None], float, float]] = {
    "sync": (sync, 0.62, 0.8),
    "say": (say, 0.12, 0.02),
    "faces": (faces, 0.1, 0.1),
    "inspect": (inspect_file, 0.05, 0.05),
    "evaluate": (evaluate, 0.05, 0.0),
    "voices": (voices, 0.03, 0.03),
    "models download": (offer, 0.03, 0.03),
}
"""How often each is tried, and how often where there is little time. `demo` is `sync`, but long."""
ODD, WRONG, EXTRA = 0.12, 0.02, 0.06
"""How often a file or value is odd, a line wrong in one of several ways, an option given."""

NUMBERS = ("0", "1", "-1", "0.5", "2", "25", "12", "1e999", "nan", "999999999999", "x", "", "०")
TEXTS = ("Hi.", "नमस्ते", "", " ", "\u202eabc", "{name}", "<speak>", "🙂", "x\ty", "-", "12")
VALUES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fps": (("5", "12", "30000/1001", "10"), ("0", "-1", "1/0", "nan", "1e9", "twelve")),
    "rate": (("1", "0.8", "1.5"), ("0", "-1", "9", "nan", "inf", "x")),
    "voice": (("anika", "arjun"), ("nobody", "", "kokoro:", "edge:", "a:b:c", "polly:Kajal")),
    "language": (("en-IN", "hi", "en"), ("xx", "", "ta", "en-", "zz-ZZ")),
    "engine": (("warp",), ("nobody", "", "wav2lip", "../warp")),
    "device": (("auto", "cpu"), ("cuda", "cuda:9", "tpu", "")),
    "encoder": (("auto", "libx264"), ("nobody", "", "prores", "libvpx-vp9", "h264_nvenc")),
    "speaker": (("auto", "0"), ("9", "-1", "a=b", "1,2,3", "", "10,10", "left", "x=portrait.png")),
    "speech": (("0=speech.wav",), ("=", "0=", "0=gone.wav", "9=speech.wav", "a", "0=0=0")),
    "values": (("name=Asha",), ("name", "=", "", "name=", "x=y")),
    "audio_track": (("1",), ("0", "9", "eng", "", "-1")),
    "keep_audio": (("-20", "0"), ("nan", "999", "-inf", "x")),
    "label": (("AI", "AI generated"), ("", " ", "x" * 500, "🙂", "\n", "کتاب", "a\x00b")),
    "label_size": (("0.03", "0.1"), ("0", "-1", "9", "nan")),
    "seed": (("0", "7"), ("-1", "99999999999999999999", "x")),
    "names": (("wav2lip",), ("nobody", "", "../x", "--", "all")),
    "text": (TEXTS[:2], TEXTS[2:]),
}
FILES = {
    "image": (corpus.PICTURES + corpus.FILMS, corpus.ODD_PICTURES),
    "video": (corpus.FILMS, corpus.ODD_PICTURES),
    "file": (corpus.PICTURES + corpus.FILMS, corpus.ODD_PICTURES + corpus.ODD_SOUNDS),
    "reference": (("film.mp4",), corpus.ODD_PICTURES),
    "generated": (("film.mp4",), corpus.ODD_PICTURES),
    "audio": (corpus.SOUNDS, corpus.ODD_SOUNDS),
    "other": (corpus.SOUNDS, corpus.ODD_SOUNDS),
    "script": (corpus.SCRIPTS, corpus.ODD_SCRIPTS),
    "lexicon": (corpus.LEXICONS, corpus.ODD_LEXICONS),
    "phones": (("hi.txt",), corpus.ODD_SCRIPTS),
    "caption_font": (("portrait.png",), corpus.ODD_SCRIPTS),
    "c2pa_certificate": (("hi.txt",), corpus.ODD_SCRIPTS),
    "c2pa_key": (("hi.txt",), corpus.ODD_SCRIPTS),
}
OUTPUTS = {
    "sync": (("out.mp4", "out.mkv", "out.webm", "out.mov", "out.gif", "वीडियो 1.mp4"),
             ("out.txt", "out", "no/out.mp4", "folder", "", "there.mp4", "/dev/null", ".mp4")),
    "say": (("out.wav",), ("out.mp3", "folder", "no/out.wav", "", "/dev/null")),
    "faces": (("out.png", "out.jpg"), ("out.txt", "folder", "no/out.png", "")),
    "voices": (("out.wav",), ("out.mp3", "folder")),
    "evaluate": (("made",), ("there.mp4", "no/made", "")),
}  # fmt: skip
CAPTIONS = (("out.srt", "out.vtt"), ("out.txt", "folder", "no/out.srt", ""))
PLOTS = (("out.svg", "out2.png"), ("out.txt", "folder", ""))
ONE_OF = {
    "sync": ({"image": 7, "video": 3}, {"audio": 20, "text": 2, "script": 2, "speech": 1}),
    "say": ({"text": 1, "script": 1},),
}
"""Of each of these one is needed, the first more often than the others."""
USUAL = {"quality": "low", "fps": "5", "motion": "still"}
"""What keeps a video quick to make, unless something else is chosen."""


@dataclass
class Line:
    """One command line, in the folder where it runs."""

    words: list[str]
    outputs: set[str] = field(default_factory=set)
    """Names that it may make."""
    wrong: str | None = None
    """Why its exit status must be 2, if it must."""


class Lines:
    """Command lines from a seed. folder: of the corpus. quick: few that take long."""

    def __init__(self, seed: int, folder: Path, quick: bool = False) -> None:
        self._random = random.Random(seed)
        self._folder, self._quick = folder, quick

    def draw(self) -> Line:
        """Return another one."""
        weights = [quick if self._quick else long for _, long, quick in COMMANDS.values()]
        (name,) = self._random.choices(list(COMMANDS), weights)
        line = Line(name.split())
        needed = self._needed(name)
        for parameter in _parameters(COMMANDS[name][0]):
            if self._is_given(parameter, needed):
                self._give(line, name, parameter)
        if self._random.random() < WRONG:
            line.words.append(self._random.choice(["--nothing", "--output-x=1", "-Z"]))
            line.wrong = "there is no such option"
        return line

    def _needed(self, command: str) -> dict[str, bool]:
        """Which parameters are given because one of several has to be, and which are not."""
        needed = {}
        for weights in ONE_OF.get(command, ()):
            often = {n: w**2 for n, w in weights.items()} if self._quick else weights
            (one,) = self._random.choices(list(often), list(often.values()))
            for name in weights:
                needed[name] = (name == one) != (self._random.random() < WRONG)
        return needed

    def _is_given(self, parameter: inspect.Parameter, needed: dict[str, bool]) -> bool:
        if parameter.name in needed:
            return needed[parameter.name]
        if parameter.default is inspect.Parameter.empty:
            return self._random.random() > WRONG
        if parameter.name in USUAL:
            return self._random.random() > 0.1
        return self._random.random() < EXTRA

    def _give(self, line: Line, command: str, parameter: inspect.Parameter) -> None:
        """Put one parameter and a value for it at the end of the line."""
        kind, declared = get_args(parameter.annotation)[:2]
        flag = (
            [] if type(declared).__name__ == "ArgumentInfo" else [option(parameter.name, declared)]
        )
        if kind is bool:
            line.words += flag
            return
        odd = self._random.random() < ODD
        value = self._value(line, command, parameter.name, kind, odd)
        line.words += [f"{flag[0]}={value}"] if flag else [value]

    def _value(self, line: Line, command: str, name: str, kind: Any, odd: bool) -> str:
        pick = self._random.choice
        choices = _choices(kind)
        if choices:
            if self._random.random() < WRONG:
                line.wrong = line.wrong or f"--{name} has no such value"
                return pick(("nothing", "", "LOW2"))
            return USUAL.get(name) or pick(choices)
        if name in ("output", "captions", "plot"):
            pools = {"captions": CAPTIONS, "plot": PLOTS}.get(name) or OUTPUTS[command]
            value = pick(pools[odd])
            line.outputs.add(value)
            return value
        if name in FILES:
            file = pick(FILES[name][odd])
            return file if file.startswith("/") else str(self._folder / file)
        if name == "speech":
            return pick(VALUES[name][odd]).replace("speech.wav", str(self._folder / "speech.wav"))
        if name in VALUES:
            return pick(VALUES[name][odd])
        return pick(TEXTS if _is_text(kind) else NUMBERS)


def option(name: str, declared: Any) -> str:
    """Return what the command line calls a parameter."""
    words = (declared.default, *(declared.param_decls or ()))  # of Annotated the first is there
    named = [word for word in words if isinstance(word, str) and word.startswith("--")]
    return named[0].split("/")[0] if named else "--" + name.replace("_", "-")


def _parameters(command: Callable[..., None]) -> list[inspect.Parameter]:
    """A command's own parameters and those that come from the table, annotations resolved."""
    signature = inspect.signature(command)
    found = list(signature.parameters.values())
    if any(isinstance(parameter.annotation, str) for parameter in found):
        hints = get_type_hints(command, include_extras=True)
        found = [parameter.replace(annotation=hints[parameter.name]) for parameter in found]
    return found


def _choices(kind: Any) -> tuple[str, ...]:
    for part in (kind, *get_args(kind)):
        if get_origin(part) is Literal:
            return get_args(part)
    return ()


def _is_text(kind: Any) -> bool:
    parts = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    return str in parts or list[str] in parts or Path in parts
