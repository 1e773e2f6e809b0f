"""`lipwright voices`: who can speak a text."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict

from lipwright.cli.options import Json


def voices(json: Json = False) -> None:
    """List the voices: who can speak a text."""
    from lipwright.cli.display import print_table
    from lipwright.speech.voices import list_voices

    found = list_voices()
    if json:
        print(json_module.dumps([asdict(voice) for voice in found]))
        return
    print_table([asdict(v) | {"installed": "yes" if v.installed else "no"} for v in found])
    if not all(voice.installed for voice in found):
        print('To install the missing ones: pip install "lipwright[voice]"')
