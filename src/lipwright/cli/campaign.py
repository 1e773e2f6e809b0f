"""`lipwright campaign`: one script, a table of people, a video for each."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli import options
from lipwright.cli.derived_options import takes
from lipwright.core.errors import UsageError

if TYPE_CHECKING:
    from lipwright.campaign.campaign import CampaignResult
    from lipwright.campaign.check import CheckedRow, CheckResult
    from lipwright.campaign.people import PeopleTable
    from lipwright.campaign.plan import CampaignPlan

FAULTS_SHOWN = 20
CHARACTERS_A_SECOND = 14.5
"""Of the offline voices."""
SHARES = {"voice": 0.6, "drawing": 0.9, "joining": 0.06}
"""Processor seconds for a second of speech that is spoken, drawn at 1080p, and joined, on a 2-core
server; a machine may take twice as much."""
BYTES_A_SECOND = 65_000

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


def make_campaign() -> typer.Typer:
    """Return the group of commands."""
    app = typer.Typer(
        help="One script, a table of people: a video for each.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command in (check, run, status, retry, report, purge):
        app.command()(command)
    return app


@takes("quality", "motion", "fps", "encoder", "seed")
def check(
    script: Script,
    people: People,
    image: Image,
    voice: options.Voice = "anika",
    rate: options.Rate = 1.0,
    language: options.Language = None,
    name: Pattern = "{row}.mp4",
    reuse: Reuse = "segments",
    opt_out: OptOut = None,
    key: Key = None,
    format: Kind = None,
    encoding: Encoding = None,
    samples: Samples = 0,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder of the samples.")
    ] = Path("samples"),
    price: Price = 0.0,
    quiet: options.Quiet = False,
    json: options.Json = False,
    **chosen: Any,
) -> None:
    """Read every row, say all faults at once, and estimate what it will take."""
    from lipwright.campaign.check import check_people
    from lipwright.cli.console import Display

    plan = _plan(script, image, chosen, voice=voice, rate=rate, language=language, pattern=name,
                 reuse=reuse, people=people)  # fmt: skip
    table = _table(people, format, encoding)
    with Display(quiet) as display:
        result = check_people(plan, table, opt_out, key)
        if samples:
            _make_samples(plan, table, samples, output, display)
        display.show_facts(_check_line(result), _check_facts(result, price), json)
        if not json:
            _show_faults(result)
            if not quiet:
                _show_estimate(result, price)
    if result.faulty:
        raise typer.Exit(1)


@takes("quality", "motion", "fps", "encoder", "seed")
def run(
    script: Script,
    people: People,
    image: Image,
    output: Output,
    voice: options.Voice = "anika",
    rate: options.Rate = 1.0,
    language: options.Language = None,
    name: Pattern = "{row}.mp4",
    title: Title = "",
    reuse: Reuse = "segments",
    read_back: ReadBack = False,
    opt_out: OptOut = None,
    key: Key = None,
    format: Kind = None,
    encoding: Encoding = None,
    state: State = None,
    processes: Workers = None,
    ray: Ray = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
    **chosen: Any,
) -> None:
    """Make the videos of all good rows; the same again goes on where it broke off."""
    from lipwright.campaign.campaign import begin_campaign
    from lipwright.campaign.report import write_report
    from lipwright.cli.console import Display

    started = time.perf_counter()
    plan = _plan(script, image, chosen, voice=voice, rate=rate, language=language, pattern=name,
                 reuse=reuse, people=people, read_back=read_back, name=title)  # fmt: skip
    with Display(quiet) as display:
        campaign, checked = begin_campaign(
            plan, _table(people, format, encoding), output, state, opt_out, key
        )
        if checked is not None and not json:
            _show_faults(checked)
        makers = _ray_makers(ray, campaign, processes)
        result = campaign.run(
            processes, lambda done, total: display.progress("videos", done, total), makers
        )
        page = write_report(campaign, campaign.state / "report")
        campaign.close()
        facts = {**_result_facts(result), "output": output, "report": str(page)}
        facts["seconds"] = round(time.perf_counter() - started, 3)
        display.show_facts(f"{_result_line(result)}; report: {page}", facts, json)
    if not result.all_made:
        raise typer.Exit(1)


def status(output: Where, state: State = None, json: options.Json = False) -> None:
    """Say how far a campaign is."""
    from lipwright.campaign.campaign import open_campaign
    from lipwright.cli.console import Display

    campaign = open_campaign(output, state)
    result = campaign.result()
    campaign.close()
    Display().show_facts(_result_line(result), _result_facts(result), json)


def retry(output: Where, state: State = None, json: options.Json = False) -> None:
    """Let failed rows be tried again by the next run."""
    from lipwright.campaign.campaign import open_campaign
    from lipwright.cli.console import Display

    campaign = open_campaign(output, state)
    count = campaign.retry()
    campaign.close()
    Display().show_facts(f"{count} rows wait again: run the campaign", {"waiting": count}, json)


def report(
    output: Where,
    state: State = None,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to.", show_default="the campaign's folder"),
    ] = None,
    price: Price = 0.0,
    json: options.Json = False,
) -> None:
    """Write what became of a campaign: report.html and report.csv."""
    from lipwright.campaign.campaign import open_campaign
    from lipwright.campaign.report import write_report
    from lipwright.cli.console import Display

    campaign = open_campaign(output, state)
    page = write_report(campaign, to or campaign.state / "report", price)
    campaign.close()
    Display().show_facts(str(page), {"report": str(page)}, json)


def purge(
    output: Where,
    state: State = None,
    row: Annotated[
        int | None, typer.Option(help="Of one person alone.", show_default="all of them")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Delete everything about a row or a campaign: videos, values and notes."""
    from lipwright.campaign.campaign import open_campaign

    campaign = open_campaign(output, state)
    what = "the whole campaign" if row is None else f"row {row}"
    try:
        if not yes and not typer.confirm(f"Delete {what} of {output} for good?", err=True):
            raise typer.Exit(1)
        campaign.purge(row)
    finally:
        campaign.close()


def _plan(
    script: Path, image: Path, chosen: dict[str, Any], *, people: Path, pattern: str, **more: Any
) -> CampaignPlan:
    from lipwright.campaign.plan import CampaignPlan
    from lipwright.cli.script_options import read_words

    fps = chosen.pop("fps", None)
    folder = Path(".") if str(people) == "-" else people.parent
    if fps is not None:
        more["fps"] = str(fps)
    return CampaignPlan(
        read_words(None, script),
        str(image),
        pattern=pattern,
        images=str(folder),
        options={name: value for name, value in chosen.items() if value is not None},
        **more,
    )


def _table(people: Path, kind: str | None, encoding: str | None) -> PeopleTable:
    from lipwright.campaign.people import PeopleTable

    return PeopleTable(people, kind, encoding)


def _make_samples(
    plan: CampaignPlan, table: PeopleTable, count: int, folder: Path, display: Any
) -> None:
    """Make the videos of the first rows, for a person to approve."""
    from lipwright.campaign.check import Checker
    from lipwright.campaign.people import STANDARD_INPUT
    from lipwright.campaign.samples import make_samples

    if table.path == STANDARD_INPUT:
        raise UsageError("Samples need a table that can be read twice: give a file.")
    rows: list[CheckedRow] = []
    checker: Checker | None = None
    for person in table.rows():
        checker = checker or Checker(plan, table.columns)
        row = checker.check(person)
        if row.state == "waiting" and len(rows) < count:
            rows.append(row)
    if checker is not None:
        checker.close()
    make_samples(plan, rows, folder, lambda done: display.progress("videos", done, len(rows)))


def _ray_makers(address: str | None, campaign: Any, count: int | None) -> Any:
    if address is None:
        return None
    from lipwright.campaign.ray_crew import ray_makers

    return ray_makers(address, campaign.plan, campaign.output, campaign.state, count)


def _show_faults(result: CheckResult) -> None:
    from lipwright.cli.console import print_line

    for fault in result.faults[:FAULTS_SHOWN]:
        print_line(str(fault))
    more = result.faulty - len({fault.row for fault in result.faults[:FAULTS_SHOWN]})
    if more > 0:
        print_line(f"and {more:,} more rows: the report and --json have more of them")


def _check_line(result: CheckResult) -> str:
    return (
        f"{result.rows:,} rows: {result.good:,} good, {result.faulty:,} faulty, "
        f"{result.opted_out:,} opted out"
    )


def estimate(result: CheckResult) -> dict[str, float]:
    """Return what the good rows will take: seconds of video and of a processor, and bytes."""
    duration = result.total / CHARACTERS_A_SECOND
    made = (result.personal + result.fixed) / CHARACTERS_A_SECOND
    processor = made * (SHARES["voice"] + SHARES["drawing"]) + duration * SHARES["joining"]
    return {"duration": duration, "processor": processor, "bytes": duration * BYTES_A_SECOND}


def _check_facts(result: CheckResult, price: float) -> dict[str, Any]:
    facts = asdict(result)
    facts["faults"] = [fault._asdict() for fault in result.faults]
    facts["estimate"] = {name: round(value) for name, value in estimate(result).items()}
    if result.online:
        facts["estimate"]["cost"] = (result.personal + result.fixed) / 1e6 * price
    return facts


def _show_estimate(result: CheckResult, price: float) -> None:
    from lipwright.cli.console import print_line

    found = estimate(result)
    spoken = result.personal + result.fixed
    line = (
        f"About {found['duration'] / 3600:,.1f} hours of video, {found['bytes'] / 1e9:,.2f} GB, "
        f"{found['processor'] / 3600:,.1f} processor hours; {spoken:,} characters are spoken"
    )
    if result.online and price:
        line += f", {spoken / 1e6 * price:,.2f} for a service's voice"
    print_line(line)


def _result_line(result: CampaignResult) -> str:
    counts = [f"{count:,} {state}" for state, count in result.counts.items() if count]
    review = result.totals["review"]
    looked = f", {review:,} to be looked at" if review else ""
    return f"{result.name}: {', '.join(counts) or 'no rows'}{looked}"


def _result_facts(result: CampaignResult) -> dict[str, Any]:
    return {"campaign": result.name, **result.counts, **{f"total_{k}": v for k, v in
            result.totals.items()}}  # fmt: skip
