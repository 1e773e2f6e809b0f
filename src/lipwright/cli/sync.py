"""`lipwright sync` and `main.py`: a portrait or a film and a speech in, a video out."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from lipwright.checks import check_not_an_input, check_output, parse_fps
from lipwright.cli import options
from lipwright.cli.options import LengthName, MotionName, PasteName, QualityName, Switch
from lipwright.errors import UsageError

Image = Annotated[
    Path | None,
    typer.Option(
        help="The portrait: JPEG, PNG, WebP, TIFF, BMP or GIF; or a video.", show_default=False
    ),
]
Video = Annotated[
    Path | None, typer.Option(help="A film to be dubbed, instead of --image.", show_default=False)
]
Audio = Annotated[
    Path | None,
    typer.Option(help="The speech: any sound file, or a video's sound.", show_default=False),
]


def sync(
    output: options.Output,
    image: Image = None,
    video: Video = None,
    audio: Audio = None,
    text: options.Text = None,
    script: options.Script = None,
    voice: options.Voice = "anika",
    rate: options.Rate = 1.0,
    lexicon: options.Lexicon = None,
    quality: options.Quality = QualityName.high,
    fps: options.Fps = None,
    gpu: options.Gpu = Switch.false,
    engine: options.Engine = "portrait",
    motion: options.Motion = MotionName.subtle,
    length: options.Length = LengthName.bounce,
    face: options.FaceNumber = None,
    seed: options.Seed = 0,
    paste: options.Paste = None,
    batch_size: options.BatchSize = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Make a video of a portrait, or a film, saying a speech: a recording, or a text."""
    from lipwright.cli.display import Display
    from lipwright.speech.base import Speech
    from lipwright.sync import open_source

    started = time.perf_counter()
    words = _read_what_is_said(audio, text, script, voice)
    source = _one_source(image, video)
    frame_rate = None if fps is None else parse_fps(fps)
    check_not_an_input(check_output(output), source, audio, script)
    with Display(quiet) as display:
        speech = None if audio is None else Speech.from_file(audio)
        ready = open_source(
            source,
            display.progress,
            engine=engine,
            quality=quality.value,
            motion=motion.value,
            length=length.value,
            face=face,
            gpu=gpu is Switch.true,
            seed=seed,
            engine_options=_engine_options(paste, batch_size),
        )
        if speech is None:
            from lipwright.speech import synthesize

            speech = synthesize(
                words, voice, rate, lexicon=lexicon, progress=display.fraction("speech")
            )
        result = ready.save(speech, output, fps=frame_rate, progress=display.progress)
    result = replace(result, seconds=time.perf_counter() - started)
    display.show_result(result, json, voice=voice if audio is None else None)


def _one_source(image: Path | None, video: Path | None) -> Path:
    source = image or video
    if source is None or (image and video):
        found = "both were given" if image and video else "neither was given"
        raise UsageError(f"Give one of --image or --video, a face that shall speak: {found}.")
    return source


def _engine_options(paste: PasteName | None, batch_size: int | None) -> dict[str, object]:
    """What was asked for that not every engine takes."""
    asked = {"paste": paste and paste.value, "batch_size": batch_size}
    return {name: value for name, value in asked.items() if value is not None}


def _read_what_is_said(
    audio: Path | None, text: str | None, script: Path | None, voice: str
) -> str:
    """The words to speak, or "" for a recording; everything that can be wrong with them is told."""
    given = [
        name
        for name, value in (("--audio", audio), ("--text", text), ("--script", script))
        if value is not None
    ]
    if len(given) != 1:
        found = "none of them was given" if not given else f"{' and '.join(given)} were given"
        raise UsageError(f"Give one of --audio, --text or --script: {found}.")
    if audio is not None:
        return ""
    from lipwright.cli.words import read_words
    from lipwright.speech.voices import find_voice

    find_voice(voice)
    return read_words(text, script)
