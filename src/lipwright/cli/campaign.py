"""`lipwright campaign`: one script, a table of people, a video for each."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli import options
from lipwright.cli.campaign_messages import (
    check_facts,
    check_line,
    counted,
    result_facts,
    result_line,
    show_estimate,
    show_faults,
)
from lipwright.cli.campaign_options import (
    CampaignRequest,
    Output,
    Price,
    Ray,
    ReadBack,
    Samples,
    State,
    Title,
    Where,
    Workers,
    takes_campaign,
)
from lipwright.cli.derived_options import takes
from lipwright.core.errors import UsageError

if TYPE_CHECKING:
    from lipwright.campaign.plan import CampaignPlan


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


@takes_campaign
@takes("quality", "motion", "fps", "encoder", "seed")
def check(
    request: CampaignRequest,
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

    plan, table = request.plan(chosen), request.table()
    with Display(quiet) as display:
        result = check_people(plan, table, request.opt_out, request.key)
        if samples:
            _make_samples(request, plan, samples, output, display)
        display.show_facts(check_line(result), check_facts(result, price), json)
        if not json:
            show_faults(result)
            if result.good and not quiet:
                show_estimate(result, price)
    if result.faulty:
        raise typer.Exit(1)


@takes_campaign
@takes("quality", "motion", "fps", "encoder", "seed")
def run(
    request: CampaignRequest,
    output: Output,
    title: Title = "",
    read_back: ReadBack = False,
    state: State = None,
    processes: Workers = None,
    ray: Ray = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
    **chosen: Any,
) -> None:
    """Make the videos of all good rows; the same again goes on where it broke off."""
    from lipwright.campaign.begin import begin_campaign
    from lipwright.campaign.report import write_report
    from lipwright.cli.console import Display

    started = time.perf_counter()
    plan = request.plan(chosen, read_back=read_back, name=title)
    with Display(quiet) as display:
        campaign, checked = begin_campaign(
            plan, request.table(), output, state, request.opt_out, request.key
        )
        if checked is not None and not json:
            show_faults(checked)
        makers = _ray_makers(ray, campaign, processes)
        result = campaign.run(
            processes, lambda done, total: display.progress("videos", done, total), makers
        )
        page = write_report(campaign, campaign.state / "report")
        campaign.close()
        facts = {**result_facts(result), "output": output, "report": str(page)}
        facts["seconds"] = round(time.perf_counter() - started, 3)
        display.show_facts(f"{result_line(result)}; report: {page}", facts, json)
    if not result.all_made:
        raise typer.Exit(1)


def status(output: Where, state: State = None, json: options.Json = False) -> None:
    """Say how far a campaign is."""
    from lipwright.campaign.campaign import open_campaign
    from lipwright.cli.console import Display

    campaign = open_campaign(output, state)
    result = campaign.result()
    campaign.close()
    Display().show_facts(result_line(result), result_facts(result), json)


def retry(output: Where, state: State = None, json: options.Json = False) -> None:
    """Let failed rows be tried again by the next run."""
    from lipwright.campaign.campaign import open_campaign
    from lipwright.cli.console import Display

    campaign = open_campaign(output, state)
    count = campaign.retry()
    campaign.close()
    Display().show_facts(
        f"Waiting again: {counted(count, 'row')}; run the campaign", {"waiting": count}, json
    )


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


def _make_samples(
    request: CampaignRequest, plan: CampaignPlan, count: int, folder: Path, display: Any
) -> None:
    """Make the videos of the first rows, for a person to approve."""
    from lipwright.campaign.check import CheckResult, checked_rows
    from lipwright.campaign.people import STANDARD_INPUT
    from lipwright.campaign.samples import make_samples

    table = request.table()
    if table.path == STANDARD_INPUT:
        raise UsageError("Samples need a table that can be read twice: give a file.")
    checked = checked_rows(plan, table, CheckResult(), request.opt_out, request.key)
    rows = list(islice((row for row in checked if row.state == "waiting"), count))
    make_samples(plan, rows, folder, lambda done: display.progress("videos", done, len(rows)))


def _ray_makers(address: str | None, campaign: Any, count: int | None) -> Any:
    if address is None:
        return None
    from lipwright.campaign.ray_crew import ray_makers

    return ray_makers(address, campaign.plan, campaign.output, campaign.state, count)
