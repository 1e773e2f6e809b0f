"""`lipwright faces`: who is in a picture or a film, so that one can choose who speaks."""

from __future__ import annotations

import json as json_module
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli.derived_options import takes
from lipwright.cli.options import Json, Quiet
from lipwright.core.errors import FaceError, UsageError

if TYPE_CHECKING:
    from lipwright.face.identities import Person

File = Annotated[Path, typer.Argument(metavar="FILE", help="A picture or a film.")]
Sheet = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Where the contact sheet is written: .png or .jpg.",
        show_default="NAME-faces.png",
    ),
]


@takes("no_clobber")
def faces(
    file: File, output: Sheet = None, quiet: Quiet = False, json: Json = False, **chosen: Any
) -> None:
    """Show who is in a picture or a film, with the numbers that --speaker takes."""
    from lipwright.cli.console import Display, print_line, print_table
    from lipwright.core.output_lock import locked_output
    from lipwright.core.validation import check_not_an_input, check_place
    from lipwright.face.contact_sheet import SUFFIXES, draw_sheet, is_sheet, write_sheet

    sheet = Path(f"{file.stem}-faces.png") if output is None else output
    if sheet.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{sheet} is no kind of picture: end it in {' or '.join(SUFFIXES)}.")
    check_place(sheet, "picture")
    check_not_an_input(sheet, file)
    if output is None and sheet.exists() and not is_sheet(sheet):
        raise UsageError(
            f"{sheet} is already there, and is no contact sheet: give another name with --output."
        )
    with Display(quiet), locked_output(sheet, bool(chosen.get("no_clobber"))):
        people, video = _people_of(file)
        captions = [_caption(person, video) for person in people]
        write_sheet(sheet, draw_sheet(people, captions))
    if json:
        facts = [_facts(person, video) for person in people]
        print(json_module.dumps({"people": facts, "sheet": str(sheet)}))
    elif not quiet:
        print_table([_row(person, video) for person in people])
        print()
        print_line(f"{sheet} shows them.")


def _people_of(file: Path) -> tuple[Sequence[Person], bool]:
    """Everybody in a file, and whether it is a video."""
    from lipwright.face import FaceFinder
    from lipwright.face.identities import people_in_image, people_in_video
    from lipwright.media.image.read import read_image
    from lipwright.media.video.source import is_video, open_video_source

    finder, video = FaceFinder(), is_video(file)
    if video:
        people = people_in_video(open_video_source(file), finder)
    else:
        image = read_image(file)
        people = people_in_image(image, finder.find(image))
    if not people:
        kind = "film" if video else "picture"
        raise FaceError(
            f"No human face was found in {file}: use a {kind} in which a face is seen from the "
            "front."
        )
    return people, video


def _row(person: Person, video: bool) -> dict[str, str]:
    x, y = person.place
    row = {"speaker": str(person.number), "x,y": f"{x},{y}", "height": f"{person.height:.0f} px"}
    if video:
        row |= {"seen": f"{100 * person.share:.0f} %", "first": f"{person.first:.1f} s"}
    return row


def _facts(person: Person, video: bool) -> dict[str, float]:
    x, y = person.place
    facts = {"number": person.number, "x": x, "y": y, "height": round(person.height, 1)}
    if video:
        facts |= {"share": round(person.share, 3), "first": round(person.first, 3)}
    return facts


def _caption(person: Person, video: bool) -> str:
    x, y = person.place
    return f"seen {100 * person.share:.0f} %" if video else f"{x},{y}"
