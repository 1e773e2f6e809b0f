"""`lipwright sync` and `main.py`: a portrait or a film and a speech in, a video out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli import options
from lipwright.cli.derived_options import render_options, takes
from lipwright.cli.script_options import read_lines
from lipwright.cli.speaker_options import read_speeches, speaker_alone
from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import UsageError
from lipwright.core.validation import check_not_an_input
from lipwright.pipeline.options import RenderOptions

if TYPE_CHECKING:
    from lipwright.speech import Speech

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
Report = Annotated[
    Path | None,
    typer.Option(
        help="Measure the finished video, and write speed, size and sync accuracy: .html or .json.",
        show_default=False,
    ),
]


@takes()
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
    speaker: options.Speaker = None,
    speech: options.Speeches = None,
    report: Report = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
    **chosen: Any,
) -> None:
    """Make a video of a portrait, or a video, saying a speech: a recording, or a text."""
    import lipwright
    from lipwright.cli.console import Display
    from lipwright.core.early_call import EarlyCall
    from lipwright.speech import Speech

    started = time.perf_counter()
    _check_one_is_given(audio, text, script, speech)
    said = read_speeches(speech, speaker or ()) if speech else {}
    lines = None if audio or said else read_lines(text, script, voice, language, values)
    source = _one_source(image, video)
    if lexicon is not None:
        check_rereadable(lexicon)
    wanted = render_options(chosen, speaker="auto" if said else speaker_alone(speaker or ()))
    _check_captions(wanted, "--audio" if audio else "--speech" if speech else None, script)
    check_not_an_input(output, script)
    if report is not None:
        _check_report(report, output, wanted, image, video, audio, script)
    heard: list[Speech] = []

    with Display(quiet) as display, ExitStack() as stack:

        def begin() -> Speech:
            from lipwright.speech import begin_speech

            spoken = begin_speech(
                lines or "",
                voice,
                rate,
                lexicon=lexicon,
                progress=display.fraction("speech"),
                cache=cache,
            )
            heard.append(spoken)
            return spoken

        speak: Callable[[], Speech] = begin
        stack.callback(_stop_speaking, heard)
        if lines and _is_offline(voice, language):
            speak = early = EarlyCall(begin)
            stack.callback(early.wait)
        result = lipwright.sync(
            source, said or audio or speak, output, wanted, progress=display.progress
        )
        result = replace(result, seconds=time.perf_counter() - started)
        if report is not None:
            from lipwright.evaluation.run_report import make_report, write_report

            said_alone = heard[0] if heard else Speech.from_file(audio) if audio else None
            write_report(report, make_report(result, said_alone))
    display.show_result(result, json, voice=voice if lines else None)


def _is_offline(voice: str, language: str | None) -> bool:
    from lipwright.speech import Voice

    return Voice(voice, language=language).is_offline


def _stop_speaking(speeches: Sequence[Speech]) -> None:
    """End what is still being spoken, such as for a picture that is of no use."""
    from lipwright.speech import StreamingSpeech

    for speech in speeches:
        if isinstance(speech, StreamingSpeech):
            speech.cancel()


def _check_report(report: Path, output: Path, wanted: RenderOptions, *inputs: Path | None) -> None:
    """Raises UsageError or MediaError for a report that cannot be written."""
    from lipwright.core.output_lock import check_no_clobber
    from lipwright.evaluation.run_report import check_report

    check_report(report)
    check_no_clobber(report, wanted.no_clobber)
    check_not_an_input(report, *inputs)


def _one_source(image: Path | None, video: Path | None) -> Path:
    source = image or video
    if source is None or (image and video):
        found = "both were given" if image and video else "neither was given"
        raise UsageError(f"Give one of --image or --video, a face that shall speak: {found}.")
    return source


def _check_captions(wanted: RenderOptions, recorded: str | None, script: Path | None) -> None:
    """Raises UsageError where captions are wanted that cannot be made."""
    if not wanted.captions:
        return
    if recorded is not None:
        raise UsageError(f"Captions need the words: give --text or --script instead of {recorded}.")
    if wanted.captions.file is not None:
        check_not_an_input(Path(wanted.captions.file), script)


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
