"""Options of the commands of a campaign, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
