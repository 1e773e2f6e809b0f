"""Options of the commands of a campaign, each said once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from lipwright.cli import options

if TYPE_CHECKING:
    from lipwright.campaign.people import PeopleTable
    from lipwright.campaign.plan import CampaignPlan

Script = Annotated[Path, typer.Argument(help="The text with its places, such as {name}.")]
Output = Annotated[
    str,
    typer.Option(
        "--output", "-o", help="The folder of the videos, or an address such as s3://bucket/folder."
    ),
]
Where = Annotated[str, typer.Argument(help="The campaign's output.", metavar="OUTPUT")]
State = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="The campaign's own folder, with its ledger.",
        show_default=".campaign in the output",
    ),
]
People = Annotated[
    Path, typer.Option(help="The table: .csv, .tsv, .jsonl or .parquet; - for standard input.")
]
Kind = Annotated[
    str | None,
    typer.Option(
        "--format", help="Of the table: csv, tsv, jsonl, parquet.", show_default="by name"
    ),
]
Encoding = Annotated[
    str | None, typer.Option(help="Of the table.", show_default="UTF-8, or its mark's")
]
Image = Annotated[Path, typer.Option(help="The portrait; a column image may name another.")]
OptOut = Annotated[
    Path | None,
    typer.Option(help="A file with people who want no video, by --key.", show_default=False),
]
Key = Annotated[
    str | None, typer.Option(help="The column that names a person.", show_default=False)
]
Pattern = Annotated[
    str, typer.Option("--name", metavar="PATTERN", help="Of the videos: {row}, or a column.")
]
Reuse = Annotated[
    str, typer.Option(help="What is made once for everybody: segments, speech or nothing.")
]
Title = Annotated[str, typer.Option("--title", help="The campaign's name.", show_default="made up")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Processes.", show_default="what the machine bears"),
]
ReadBack = Annotated[
    bool, typer.Option("--read-back", help="Hear each person's part, and compare it.")
]
Ray = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Work on this Ray cluster.", show_default=False),
]
Samples = Annotated[
    int,
    typer.Option(min=0, max=20, help="Rows of which samples are made, to be looked at."),
]
Price = Annotated[
    float, typer.Option(help="Of a million characters of a service's voice, in any currency.")
]


@dataclass(frozen=True, kw_only=True)
class CampaignRequest:
    """What commands need to know of a campaign, each field an argument or an option of them."""

    script: Script
    people: People
    image: Image
    voice: options.Voice = "anika"
    rate: options.Rate = 1.0
    language: options.Language = None
    name: Pattern = "{row}.mp4"
    reuse: Reuse = "segments"
    opt_out: OptOut = None
    key: Key = None
    format: Kind = None
    encoding: Encoding = None

    def plan(self, chosen: dict[str, Any], **more: Any) -> CampaignPlan:
        """Return what is made.

        chosen: options of the videos, by name. more: fields of the plan.
        """
        from lipwright.campaign.plan import CampaignPlan
        from lipwright.cli.script_options import read_words

        given = {name: value for name, value in chosen.items() if value is not None}
        if "fps" in given:
            more["fps"] = str(given.pop("fps"))
        return CampaignPlan(
            read_words(None, self.script),
            str(self.image),
            voice=self.voice,
            rate=self.rate,
            language=self.language,
            pattern=self.name,
            reuse=self.reuse,  # type: ignore[arg-type]
            images=str(Path(".") if str(self.people) == "-" else self.people.parent),
            options=given,
            **more,
        )

    def table(self) -> PeopleTable:
        """Return for whom."""
        from lipwright.campaign.people import PeopleTable

        return PeopleTable(self.people, self.format, self.encoding)


def takes_campaign(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a `CampaignRequest`, which it is handed as `request`."""
    hints = get_type_hints(CampaignRequest, include_extras=True)
    shared = [
        parameter.replace(annotation=hints[parameter.name])
        for parameter in inspect.signature(CampaignRequest).parameters.values()
    ]
    signature = inspect.signature(command)
    own = [one for one in signature.parameters.values() if one.name != "request"]

    def asked(**given: Any) -> None:
        request = {field.name: given.pop(field.name) for field in fields(CampaignRequest)}
        command(request=CampaignRequest(**request), **given)

    asked.__name__, asked.__doc__ = command.__name__, command.__doc__
    asked.__signature__ = signature.replace(parameters=[*shared, *own])  # type: ignore[attr-defined]
    return asked
