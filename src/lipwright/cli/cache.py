"""`lipwright cache`: speech that is kept so that the same line is spoken, and paid for, once."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from typing import Annotated

import typer

from lipwright.cli.options import Json, Quiet

Clear = Annotated[bool, typer.Option("--clear", help="Delete all of it.")]


def cache(clear: Clear = False, quiet: Quiet = False, json: Json = False) -> None:
    """Show or clear the speech that is kept for the next time."""
    from lipwright.cli.console import print_line, print_table
    from lipwright.speech.cache import SpeechCache
    from lipwright.weights.manifest import human_size

    kept = SpeechCache()
    if clear:
        gone = kept.clear()
        if json:
            print(json_module.dumps({"speeches": gone.speeches, "bytes": gone.bytes}))
        elif not quiet:
            noun = "speech" if gone.speeches == 1 else "speeches"
            print(f"{gone.speeches} {noun} deleted, {human_size(gone.bytes)}.")
        return
    usage = kept.usage()
    if json:
        facts = {"folder": str(kept.folder), "limit": kept.limit}
        print(json_module.dumps(facts | {"providers": [asdict(each) for each in usage]}))
        return
    print_table(
        [
            {"provider": u.provider, "speeches": u.speeches, "size": human_size(u.bytes)}
            for u in usage
        ]
    )
    total = human_size(sum(u.bytes for u in usage))
    print_line(f"{kept.folder}: {total} of {human_size(kept.limit)} at most.")
