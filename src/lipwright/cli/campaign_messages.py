"""What a person is told of a campaign."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lipwright.cli.console import print_line

if TYPE_CHECKING:
    from lipwright.campaign.campaign import CampaignResult
    from lipwright.campaign.check import CheckResult

FAULTS_SHOWN = 20
CHARACTERS_A_SECOND = 14.5
"""Of the offline voices."""
SHARES = {"voice": 0.45, "drawing": 0.55, "joining": 0.02}
"""Processor seconds for a second of speech that is spoken, drawn at 1080p, and joined, on a 2-core
server; a machine may take twice as much."""
BYTES_A_SECOND = 65_000


def show_faults(result: CheckResult) -> None:
    """Print the first faults, and how many rows more have some."""
    for fault in result.faults[:FAULTS_SHOWN]:
        print_line(str(fault))
    more = result.faulty - len({fault.row for fault in result.faults[:FAULTS_SHOWN]})
    if more > 0:
        print_line(f"and {counted(more, 'more row')}: the report and --json have more of them")


def check_line(result: CheckResult) -> str:
    """Return what a check found as one line."""
    return (
        f"{counted(result.rows, 'row')}: {result.good:,} good, {result.faulty:,} faulty, "
        f"{result.opted_out:,} opted out"
    )


def estimate(result: CheckResult) -> dict[str, float]:
    """Return what the good rows will take: seconds of video and of a processor, and bytes."""
    duration = result.total / CHARACTERS_A_SECOND
    made = (result.personal + result.fixed) / CHARACTERS_A_SECOND
    processor = made * (SHARES["voice"] + SHARES["drawing"]) + duration * SHARES["joining"]
    return {"duration": duration, "processor": processor, "bytes": duration * BYTES_A_SECOND}


def check_facts(result: CheckResult, price: float) -> dict[str, Any]:
    """Return what a check found for JSON. price: of a million characters of a service's voice."""
    facts = asdict(result)
    facts["faults"] = [fault._asdict() for fault in result.faults]
    facts["estimate"] = {name: round(value) for name, value in estimate(result).items()}
    if result.online:
        facts["estimate"]["cost"] = (result.personal + result.fixed) / 1e6 * price
    return facts


def show_estimate(result: CheckResult, price: float) -> None:
    """Print what the good rows will take. price: as for `check_facts`."""
    found = estimate(result)
    spoken = result.personal + result.fixed
    line = (
        f"About {_time(found['duration'])} of video, {found['bytes'] / 1e9:,.2f} GB, "
        f"{_time(found['processor'])} of a processor; {spoken:,} characters are spoken"
    )
    if result.online and price:
        line += f", {spoken / 1e6 * price:,.2f} for a service's voice"
    print_line(line)


def _time(seconds: float) -> str:
    """A time in words, as exact as an estimate may be."""
    if seconds < 5400:
        return counted(max(1, round(seconds / 60)), "minute")
    return f"{seconds / 3600:,.1f} hours"


def counted(number: int, noun: str) -> str:
    """Return how many of something there are, such as "1 row" or "2,000 rows"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def result_line(result: CampaignResult) -> str:
    """Return what became of a campaign as one line."""
    counts = [f"{count:,} {state}" for state, count in result.counts.items() if count]
    review = result.totals["review"]
    looked = f", {review:,} to be looked at" if review else ""
    return f"{result.name}: {', '.join(counts) or 'no rows'}{looked}"


def result_facts(result: CampaignResult) -> dict[str, Any]:
    """Return what became of a campaign for JSON."""
    totals = {f"total_{name}": value for name, value in result.totals.items()}
    return {"campaign": result.name, **result.counts, **totals}
