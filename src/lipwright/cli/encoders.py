"""`lipwright encoders`: what can encode the video, and where it goes."""

from __future__ import annotations

import json as json_module

from lipwright.cli.options import Json


def encoders(json: Json = False) -> None:
    """List the video encoders, and whether they work here."""
    from lipwright.cli.console import print_table
    from lipwright.media.video.encoder_presets import ENCODERS
    from lipwright.media.video.encoder_selection import unavailable_reason

    rows = [
        {
            "name": e.name,
            "short": e.short,
            "makes": e.codec,
            "files": " ".join(e.files),
            "transparency": "yes" if e.alpha_pixels else "",
            "here": unavailable_reason(e) or "works",
        }
        for e in ENCODERS.values()
    ]
    if json:
        print(json_module.dumps(rows))
    else:
        print_table(rows)
