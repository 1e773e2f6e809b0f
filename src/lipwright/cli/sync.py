"""`lipwright sync` and `main.py`: a portrait or a film and a speech in, a video out."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import options
from lipwright.cli.options import LengthName, MotionName, PasteName, QualityName, Switch
from lipwright.cli.script_options import read_lines
from lipwright.cli.speaker_options import read_speeches, speaker_alone
from lipwright.core.errors import UsageError
from lipwright.core.validation import check_not_an_input, parse_fps
from lipwright.media.video.containers import check_output

if TYPE_CHECKING:
    from lipwright.pipeline.captions import Captions

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
    language: options.Language = None,
    values: options.Values = None,
    lexicon: options.Lexicon = None,
    cache: options.Cache = True,
    quality: options.Quality = QualityName.high,
    encoder: options.Encoder = "auto",
    fps: options.Fps = None,
    gpu: options.Gpu = Switch.false,
    engine: options.Engine = "warp",
    motion: options.Motion = MotionName.subtle,
    length: options.Length = LengthName.bounce,
    keep_audio: options.KeepAudio = None,
    speaker: options.Speaker = None,
    speech: options.Speeches = None,
    seed: options.Seed = 0,
    paste: options.Paste = None,
    batch_size: options.BatchSize = None,
    captions: options.CaptionFile = None,
    burn_captions: options.BurnCaptions = False,
    subtitles: options.Subtitles = False,
    caption_font: options.CaptionFont = None,
    resume: options.Resume = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Make a video of a portrait, or a film, saying a speech: a recording, or a text."""
    from lipwright.cli.console import Display
    from lipwright.media.video.encoder_selection import choose_encoder
    from lipwright.pipeline.captions import Captions
    from lipwright.pipeline.sync import open_source
    from lipwright.speech import Speech, StreamingSpeech, begin_speech

    started = time.perf_counter()
    _check_one_is_given(audio, text, script, speech)
    said = read_speeches(speech, speaker or ()) if speech else {}
    lines = None if audio or said else read_lines(text, script, voice, language, values)
    source = _one_source(image, video)
    frame_rate = None if fps is None else parse_fps(fps)
    check_not_an_input(check_output(output), source, audio, script)
    choose_encoder(encoder, output, gpu is Switch.true)
    shown = Captions(captions, burn_captions, subtitles, caption_font)
    recorded = "--audio" if audio else "--speech" if speech else None
    _check_captions(shown, output, recorded, script)
    with Display(quiet) as display, ExitStack() as stack:
        ready = open_source(
            source,
            display.progress,
            engine=engine,
            quality=quality.value,
            encoder=encoder,
            motion=motion.value,
            length=length.value,
            keep_audio=keep_audio,
            speaker=next(iter(said), None) or speaker_alone(speaker or ()),
            gpu=gpu is Switch.true,
            seed=seed,
            engine_options=_engine_options(paste, batch_size),
        )
        if lines is None:
            spoken = Speech.from_file(audio) if audio else None
        else:
            spoken = begin_speech(
                lines,
                voice,
                rate,
                lexicon=lexicon,
                progress=display.fraction("speech"),
                cache=cache,
            )
        if isinstance(spoken, StreamingSpeech):
            stack.callback(spoken.cancel)
        result = ready.save(
            spoken or said,
            output,
            fps=frame_rate,
            captions=shown,
            progress=display.progress,
            resume=resume,
        )
    result = replace(result, seconds=time.perf_counter() - started)
    display.show_result(result, json, voice=voice if lines else None)


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


def _check_captions(
    captions: Captions, output: Path, recorded: str | None, *inputs: Path | None
) -> None:
    """Raises UsageError where captions are wanted that cannot be made."""
    captions.check(output)
    if captions and recorded is not None:
        raise UsageError(f"Captions need the words: give --text or --script instead of {recorded}.")
    if captions.file is not None:
        check_not_an_input(Path(captions.file), *inputs)


def _check_one_is_given(
    audio: Path | None, text: str | None, script: Path | None, speeches: list[str] | None
) -> None:
    """Raises UsageError unless there is one thing to be said."""
    given = [
        name
        for name, value in (
            ("--audio", audio),
            ("--text", text),
            ("--script", script),
            ("--speech", speeches or None),
        )
        if value is not None
    ]
    if len(given) != 1:
        found = "none of them was given" if not given else f"{' and '.join(given)} were given"
        raise UsageError(f"Give one of --audio, --text, --script or --speech: {found}.")
