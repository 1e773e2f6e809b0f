"""`lipwright say`: text to a sound file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli import options
from lipwright.cli.derived_options import takes
from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import UsageError
from lipwright.core.output_lock import check_no_clobber, locked_output
from lipwright.core.validation import check_not_an_input, check_place

if TYPE_CHECKING:
    from lipwright.pipeline.captions import Captions

RATE = 44_100  # Hz, whatever the voice's own rate


Announce = Annotated[
    str | None,
    typer.Option(
        help='A sentence before the speech, such as "This is an AI-generated voice."',
        show_default=False,
    ),
]


@takes("captions", "no_clobber")
def say(
    output: Annotated[Path, typer.Option("--output", "-o", help="The sound to make, a .wav file.")],
    text: options.Text = None,
    script: options.Script = None,
    voice: options.Voice = "anika",
    rate: options.Rate = 1.0,
    language: options.Language = None,
    values: options.Values = None,
    lexicon: options.Lexicon = None,
    announce: Announce = None,
    cache: options.Cache = True,
    quiet: options.Quiet = False,
    json: options.Json = False,
    **chosen: Any,
) -> None:
    """Speak a text: 44.1 kHz, 16-bit, mono WAV."""
    from lipwright.cli.console import Display
    from lipwright.cli.script_options import announced, read_lines
    from lipwright.media.audio.wav_info import MARKS
    from lipwright.media.audio.wav_writer import write_wav
    from lipwright.pipeline.captions import Captions, write_caption_file
    from lipwright.speech import synthesize

    started = time.perf_counter()
    if lexicon is not None:
        check_rereadable(lexicon)
    if (text is None) == (script is None):
        raise UsageError("Give either --text or --script: what shall be said.")
    captions: Path | None = chosen.get("captions")
    shown = Captions(file=captions)
    _check_files(output, shown, script, lexicon)
    no_clobber = bool(chosen.get("no_clobber"))
    if captions is not None:
        check_no_clobber(captions, no_clobber)
    with Display(quiet) as display, locked_output(output, no_clobber):
        lines = read_lines(text, script, voice, language, values)
        if announce:
            lines = announced(lines, announce)
        told = display.fraction("speech")
        speech = synthesize(lines, voice, rate, lexicon=lexicon, progress=told, cache=cache)
        write_wav(output, speech.blocks(RATE), RATE, MARKS)
        if captions is not None:
            write_caption_file(captions, speech)
    seconds = time.perf_counter() - started
    facts = {
        "output": str(output),
        "duration": round(speech.duration, 3),
        "rate": RATE,
        "voice": voice,
        "seconds": round(seconds, 3),
        "ai_generated": True,
    }
    line = f"{output}: {speech.duration:.1f} s of speech in {seconds:.1f} s"
    display.show_facts(line, facts, json)


def _check_files(output: Path, captions: Captions, *inputs: Path | None) -> None:
    """Raises UsageError or MediaError for a file that cannot be written: nobody is paid before."""
    if output.suffix.lower() != ".wav":
        raise UsageError(f"{output} must end in .wav: that is what say writes.")
    check_place(output, "sound")
    captions.check(output)
    for written in (output, captions.file):
        if written is not None:
            check_not_an_input(Path(written), *inputs)
