"""`lipwright voices`: who can speak a text, and what each sounds like."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lipwright.cli.options import Json, Quiet
from lipwright.core.errors import UsageError

SAMPLES = {
    "hi": "नमस्ते! यह आपकी आवाज़ हो सकती है। आपका ₹2,500 का बिल 5 दिसंबर को देना है।",
    "": "Hello! This could be your voice. Your bill of 2,500 is due on 5 December at 10:30 am.",
    "en-IN": "Namaste! This could be your voice. Your bill of ₹2,500 is due on 5 December.",
    "en-US": "Hello! This could be your voice. Your bill of $2,500 is due on December 5.",
    "en-GB": "Hello! This could be your voice. Your bill of £2,500 is due on 5 December.",
}
"""What --preview says, by language; a whole tag before its first part."""

Accent = Annotated[
    str | None, typer.Option(help='Only these: "indian", "british", en-US.', show_default=False)
]
Gender = Annotated[str | None, typer.Option(help="Only these: female, male.", show_default=False)]
Language = Annotated[
    str | None, typer.Option(help="Only these: hi, en-IN. Also what --preview speaks.")
]
Provider = Annotated[
    str | None, typer.Option(help="Only these: kokoro, google ...", show_default=False)
]
Preview = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Write a sample of this voice.", show_default=False),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Where --preview writes, a .wav file.",
        show_default="PROVIDER-NAME.wav",
    ),
]


def voices(
    accent: Accent = None,
    gender: Gender = None,
    language: Language = None,
    provider: Provider = None,
    preview: Preview = None,
    output: Output = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """List the voices: who can speak a text."""
    if preview is not None:
        write_preview(preview, language, output, quiet, json)
        return
    if output is not None:
        raise UsageError("--output goes with --preview: say which voice you want to hear.")
    from lipwright.cli.console import print_table
    from lipwright.speech.providers import PROVIDERS
    from lipwright.speech.voices import list_voices

    found = list_voices(accent=accent, gender=gender, language=language, provider=provider)
    if json:
        more = [{"full_name": v.full_name, "installed": v.installed} for v in found]
        print(json_module.dumps([asdict(v) | m for v, m in zip(found, more, strict=True)]))
        return
    if not found:
        print('No voice is like that; "lipwright voices" without options lists all of them.')
        return
    print_table(
        [
            {
                "name": voice.full_name,
                "accent": voice.accent,
                "gender": voice.gender or "-",
                "language": " ".join(voice.languages),
                "licence": voice.licence,
                "status": voice.status,
            }
            for voice in found
        ]
    )
    print()
    names = dict.fromkeys(voice.provider for voice in found)
    print_table([{"provider": name, "summary": PROVIDERS[name].summary} for name in names])


def write_preview(
    name: str, language: str | None, output: Path | None, quiet: bool, json: bool
) -> None:
    """Write a few seconds of a voice as a WAV file."""
    from lipwright.cli.say import say
    from lipwright.speech.voices import parse_language, parse_voice

    voice = parse_voice(name, language)
    tag = parse_language(language, voice)
    text = SAMPLES.get(tag) or SAMPLES.get(tag.partition("-")[0]) or SAMPLES[""]
    path = output or Path(f"{voice.provider}-{voice.voice}.wav".replace("/", "-"))
    say(output=path, text=text, voice=str(voice), language=tag, quiet=quiet, json=json)
