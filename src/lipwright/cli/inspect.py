"""`lipwright inspect`: the marks of a file, read back."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli.options import Json

if TYPE_CHECKING:
    from lipwright.media.marks import Marks

File = Annotated[Path, typer.Argument(metavar="FILE", help="A video, a sound or a picture.")]


def inspect(file: File, json: Json = False) -> None:
    """Show what a file says about where it comes from: AI, program, consent, signature."""
    from lipwright.cli.console import print_line
    from lipwright.media.marks import read_marks

    marks = read_marks(file)
    if json:
        facts = {**asdict(marks), "path": str(marks.path), "consent": marks.consent}
        print(json_module.dumps(facts))
        return
    for line in _lines(marks):
        print_line(line)


def _lines(marks: Marks) -> list[str]:
    """Return what is told to a person."""
    made = "is marked as AI-generated" if marks.ai_generated else "has no mark of AI"
    lines = [f"{marks.path} {made}."]
    lines += [f"  tag {name}: {value}" for name, value in sorted(marks.tags.items())]
    lines += [f"  XMP {name}: {value}" for name, value in marks.xmp.items()]
    if marks.manifest is not None:
        one = marks.manifest
        state = "fits the file" if one.valid else "does NOT fit the file: it was changed"
        lines.append(f"  C2PA: signed by {one.signer or 'nobody named'}, made by {one.generator}")
        lines.append(f"  C2PA: the signature {state}; whether to trust the signer is not checked")
    elif marks.unread:
        lines.append(f"  C2PA: there is a manifest, and {marks.unread}")
    else:
        lines.append("  C2PA: no manifest")
    lines.append(f"  consent: {marks.consent or 'nothing is said'}")
    return lines
