"""`lipwright say`: text to a sound file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from lipwright.cli import options
from lipwright.errors import UsageError

RATE = 44_100  # Hz, whatever the voice's own rate


def say(
    output: Annotated[Path, typer.Option("--output", "-o", help="The sound to make, a .wav file.")],
    text: options.Text = None,
    script: options.Script = None,
    voice: options.Voice = "anika",
    rate: options.Rate = 1.0,
    language: options.Language = None,
    values: options.Values = None,
    lexicon: options.Lexicon = None,
    cache: options.Cache = True,
    captions: options.CaptionFile = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Speak a text: 44.1 kHz, 16-bit, mono WAV."""
    import numpy as np

    from lipwright.captions import Captions
    from lipwright.cli.display import Display
    from lipwright.cli.words import read_lines
    from lipwright.media.audio import write_wav
    from lipwright.speech import synthesize

    if (text is None) == (script is None):
        raise UsageError("Give either --text or --script: what shall be said.")
    if output.suffix.lower() != ".wav":
        raise UsageError(f"{output} must end in .wav: that is what say writes.")
    shown = Captions(captions)
    shown.check(output)
    started = time.perf_counter()
    lines = read_lines(text, script, voice, language, values)
    with Display(quiet) as display:
        speech = synthesize(
            lines,
            voice,
            rate,
            lexicon=lexicon,
            progress=display.fraction("speech"),
            cache=cache,
        )
        samples = np.concatenate(list(speech.blocks(RATE)))
        write_wav(output, samples, RATE)
        shown.write(speech)
    seconds = time.perf_counter() - started
    display.show_facts(
        f"{output}: {speech.duration:.1f} s of speech in {seconds:.1f} s",
        {
            "output": str(output),
            "duration": round(speech.duration, 3),
            "rate": RATE,
            "voice": voice,
            "seconds": round(seconds, 3),
            "ai_generated": True,
        },
        json,
    )
