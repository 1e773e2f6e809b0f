"""Options that several commands share, each said once.

Those of `RenderOptions`, of `Captions` and of engines come from the dataclasses themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", help="The video to make: .mp4, .m4v, .mov, .mkv, .webm or .gif."
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
    typer.Option(
        help="A file to say, or - for standard input: text, Markdown, SSML.", show_default=False
    ),
]
Rate = Annotated[float, typer.Option(help="Speed of the voice: 0.5 half as fast, 2 twice.")]
Lexicon = Annotated[
    Path | None,
    typer.Option(help="Your own pronunciations, a word and its sounds a line.", show_default=False),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON about what was made.")]
