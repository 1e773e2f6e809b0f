"""`lipwright demo`: a real portrait speaks a real script, without a single argument."""

from __future__ import annotations

import importlib.util
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import typer

from lipwright.cli import options
from lipwright.cli.derived_options import takes
from lipwright.cli.sync import sync
from lipwright.core.errors import MediaError, MissingExtraError


@takes("quality", "fps", "motion", "seed", "no_clobber", fps="25")
def demo(
    output: options.Output = Path("output/demo.mp4"),
    image: Annotated[
        Path | None,
        typer.Option(help="Another portrait.", show_default="matplotlib's Grace Hopper"),
    ] = None,
    voice: options.Voice = "anika",
    quiet: options.Quiet = False,
    json: options.Json = False,
    **chosen: Any,
) -> None:
    """Make the demo video: a portrait reminds its viewer, with an Indian accent, to pay a bill."""
    portrait = image or find_sample_portrait()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(
            f"The folder {output.parent} cannot be made ({error.strerror}): use another --output."
        ) from None
    script = resources.files("lipwright.speech").joinpath("assets", "reminder.txt")
    sync(
        image=portrait,
        output=output,
        text=script.read_text(encoding="utf-8"),
        voice=voice,
        **{**chosen, "gpu": "false"},
        quiet=quiet,
        json=json,
    )


def find_sample_portrait() -> Path:
    """Find Matplotlib's public-domain portrait of Grace Hopper; matplotlib is not imported."""
    spec = importlib.util.find_spec("matplotlib")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, "mpl-data", "sample_data", "grace_hopper.jpg")
        if path.is_file():
            return path
    raise MissingExtraError("The demo's portrait", "demo")
