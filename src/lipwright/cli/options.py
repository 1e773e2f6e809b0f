"""Options that several commands share, each said once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class QualityName(StrEnum):
    """What --quality takes."""

    low = "low"
    medium = "medium"
    high = "high"


class MotionName(StrEnum):
    """What --motion takes."""

    still = "still"
    subtle = "subtle"
    lively = "lively"


class LengthName(StrEnum):
    """What --length takes."""

    bounce = "bounce"
    loop = "loop"
    cut = "cut"
    freeze = "freeze"
    remap = "remap"


class PasteName(StrEnum):
    """What --paste takes."""

    soft = "soft"
    official = "official"


class Switch(StrEnum):
    """What --gpu takes."""

    true = "true"
    false = "false"


Output = Annotated[
    Path,
    typer.Option("--output", "-o", help="The video to make: .mp4, .webm, .mov or .gif."),
]
Quality = Annotated[
    QualityName,
    typer.Option(help="Height of the video: low 480, medium 720, high 1080.", case_sensitive=False),
]
Fps = Annotated[
    str | None,
    typer.Option(
        help="Frames per second, any rational: 25, 23.976, 30000/1001.",
        show_default="25, or the video's own",
    ),
]
Length = Annotated[
    LengthName,
    typer.Option(
        help="A film and a longer speech: run back and forth, start again, end early, hold the "
        "last frame, or play slower.",
        case_sensitive=False,
    ),
]
KeepAudio = Annotated[
    float | None,
    typer.Option(
        metavar="DB",
        help="Keep a film's own sound under the speech, -20 for 20 dB quieter.",
        show_default=False,
    ),
]
Gpu = Annotated[
    Switch,
    typer.Option(help="Use a CUDA GPU where there is one.", case_sensitive=False),
]
Encoder = Annotated[
    str,
    typer.Option(help='What encodes the video, such as x265 or nvenc; "lipwright encoders" lists.'),
]
Engine = Annotated[str, typer.Option(help='How the face is moved; "lipwright engines" lists them.')]
Motion = Annotated[
    MotionName,
    typer.Option(help="How alive eyes and head are; still: only the mouth.", case_sensitive=False),
]
Paste = Annotated[
    PasteName | None,
    typer.Option(
        help="How Wav2Lip's drawing is put back: a soft mask, or the authors' whole box.",
        case_sensitive=False,
        show_default="soft",
    ),
]
BatchSize = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=1024,
        metavar="N",
        help="Frames that Wav2Lip draws at once.",
        show_default="8",
    ),
]
Speaker = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHO",
        help='Who speaks: auto, a number that "lipwright faces" shows, X,Y in px, or '
        "NAME=reference.jpg, which may be given again, for --speech.",
        show_default="auto: the largest, or whose lips move with the film's sound",
    ),
]
Speeches = Annotated[
    list[str] | None,
    typer.Option(
        "--speech",
        metavar="WHO=FILE",
        help="What one of several people says, instead of --audio; once for each: 0=anna.wav.",
        show_default=False,
    ),
]
Seed = Annotated[
    int, typer.Option(min=0, metavar="N", help="Same seed and same input: the same frames again.")
]
Voice = Annotated[
    str,
    typer.Option(
        help='Who speaks --text or --script: a name that "lipwright voices" lists.',
        metavar="PROVIDER:VOICE",
    ),
]
Language = Annotated[
    str | None,
    typer.Option(help="What --voice speaks: en-IN, hi.", show_default="the voice's own"),
]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="What stands for {NAME} in the text; may be given again.",
        show_default=False,
    ),
]
Cache = Annotated[
    bool,
    typer.Option(
        "--cache/--no-cache",
        help='Speak the same line only once; "lipwright cache" shows what is kept.',
    ),
]
Text = Annotated[
    str | None, typer.Option(help="What to say, spoken by --voice.", show_default=False)
]
Script = Annotated[
    Path | None,
    typer.Option(help="A file to say: UTF-8 text, Markdown or SSML.", show_default=False),
]
Rate = Annotated[float, typer.Option(help="Speed of the voice: 0.5 half as fast, 2 twice.")]
Lexicon = Annotated[
    Path | None,
    typer.Option(help="Your own pronunciations, a word and its sounds a line.", show_default=False),
]
CaptionFile = Annotated[
    Path | None,
    typer.Option(
        "--captions", help="Write what is said and when: .srt or .vtt.", show_default=False
    ),
]
BurnCaptions = Annotated[
    bool, typer.Option("--burn-captions", help="Draw captions into the picture.")
]
Subtitles = Annotated[
    bool, typer.Option("--subtitles", help="Add captions that a viewer can switch on.")
]
CaptionFont = Annotated[
    Path | None,
    typer.Option(
        help="A TrueType or OpenType file to draw captions with.",
        show_default="Mukta, for Latin and Devanagari",
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on where an earlier run of the same broke off.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON about what was made.")]
