"""A campaign: its folder, its ledger, and the work from a table to videos."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.campaign.crew import Maker, ProcessMaker, process_count
from lipwright.campaign.dispatch import Progress, make_all
from lipwright.campaign.ledger import Ledger, Task
from lipwright.campaign.outputs import OutputStore, is_address
from lipwright.campaign.plan import CampaignPlan
from lipwright.campaign.receipts import Receipts
from lipwright.core.cores import usable_cores
from lipwright.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

STATE = ".campaign"
"""The campaign's own folder, in that of its videos."""
LEDGER = "ledger.sqlite"


@dataclass(frozen=True)
class CampaignResult:
    """What became of a campaign."""

    name: str
    """Its own name."""
    counts: Mapping[str, int]
    """Rows by state: see `STATES`."""
    totals: Mapping[str, float]
    """See `Ledger.totals`."""

    @property
    def all_made(self) -> bool:
        """Whether everybody got a video but those who opted out."""
        return not any(
            number for state, number in self.counts.items() if state not in ("done", "opted out")
        )


class Campaign:
    """A campaign in its folder; open it with `begin_campaign` or `open_campaign`."""

    def __init__(self, output: str, state: Path) -> None:
        """output: a folder or an address. state: the campaign's own folder, with a ledger."""
        self.output, self.state = output, state
        self.ledger = Ledger(state / LEDGER)
        self.plan = CampaignPlan(**self.ledger.get("plan"))

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def result(self) -> CampaignResult:
        """Return what became of it so far."""
        return CampaignResult(self.plan.name, self.ledger.counts(), self.ledger.totals())

    def run(
        self,
        workers: int | None = None,
        progress: Progress | None = None,
        makers: Sequence[Maker] | None = None,
    ) -> CampaignResult:
        """Make all videos that are not made yet.

        Args:
            workers: processes that work at once; None takes as many as the machine bears.
            progress: told how far it is.
            makers: who makes the videos instead of processes of this machine.

        Raises:
            MediaError: somebody else is at work on it.
        """
        with only_run(self.state):
            self._take_up()
            if makers is None:
                waiting = self.ledger.counts()["waiting"]
                count = max(1, min(process_count(workers), waiting))
                cores = usable_cores() // count
                makers = [
                    ProcessMaker(self.plan, self.output, self.state, cores) for _ in range(count)
                ]
            try:
                asyncio.run(make_all(self.ledger, makers, progress))
            finally:
                shutil.rmtree(self.state / "work", ignore_errors=True)
        return self.result()

    def retry(self) -> int:
        """Let rows that failed be tried again by the next run; returns how many."""
        with only_run(self.state):
            return self.ledger.retry()

    def purge(self, row: int | None = None) -> None:
        """Remove a row's video and all that is known of it; None removes the whole campaign.

        Raises UsageError for a row that is not there.
        """
        store = OutputStore(self.output)
        with only_run(self.state):
            if row is not None:
                name = self.ledger.remove(row)
                Receipts(self.state).remove(row)
                if name is not None:
                    store.remove(name)
                shutil.rmtree(self.state / "work", ignore_errors=True)  # of a run that was killed
                self._forget_reports()
                return
            for found in self.ledger.rows("done", "working", "waiting", "failed"):
                if found["output"]:
                    store.remove(found["output"])
            self.ledger.close()
        shutil.rmtree(self.state)
        if not is_address(self.output):
            _remove_empty(Path(self.output))

    def _take_up(self) -> None:
        """Clear up after a run that was killed: what was made is noted, the rest waits again."""
        receipts, store = Receipts(self.state), OutputStore(self.output)
        shutil.rmtree(self.state / "work", ignore_errors=True)
        for row in list(self.ledger.rows("working")):
            found = receipts.read(row["number"])
            if found is not None and found[0] == row["attempts"] and store.exists(row["output"]):
                task = Task(row["number"], row["attempts"], {}, row["output"])
                self.ledger.finish(task, found[1])
        self.ledger.reopen()

    def _forget_reports(self) -> None:
        """Reports name rows: they are made anew."""
        shutil.rmtree(self.state / "report", ignore_errors=True)


def open_campaign(output: str, state: Path | None = None) -> Campaign:
    """Open a campaign that was begun. Raises UsageError where there is none."""
    state = state_folder(output, state)
    if not (state / LEDGER).exists():
        raise UsageError(f"{output} is no campaign's folder: begin one by running it.")
    return Campaign(output, state)


def state_folder(output: str, state: Path | None) -> Path:
    """Return the campaign's own folder. Raises UsageError where an address has none."""
    if state is not None:
        return state
    if is_address(output):
        raise UsageError(
            f"{output} is an address, and the ledger needs a folder here: name one.",
            option="state",
        )
    return Path(output) / STATE


@contextmanager
def only_run(state: Path) -> Iterator[None]:
    """Keep others from working on a campaign meanwhile. Raises MediaError where somebody does."""
    from lipwright.core.output_lock import locked_output

    with locked_output(state / "run"):
        yield


def _remove_empty(folder: Path) -> None:
    """Remove a folder and those in it as far as nothing is left in them."""
    for inner in sorted(folder.rglob("*"), reverse=True):
        if inner.is_dir() and not any(inner.iterdir()):
            inner.rmdir()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
