"""A campaign: its folder, its ledger, and the work from a table to videos."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.campaign.check import Checker, CheckResult, read_opt_outs
from lipwright.campaign.crew import Maker, MakingFailed, ProcessMaker, process_count
from lipwright.campaign.ledger import Ledger, Task
from lipwright.campaign.outputs import OutputStore, is_address
from lipwright.campaign.people import STANDARD_INPUT, PeopleTable
from lipwright.campaign.plan import CampaignPlan
from lipwright.campaign.receipts import Receipts
from lipwright.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

STATE = ".campaign"
"""The campaign's own folder, in that of its videos."""
LEDGER = "ledger.sqlite"

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""


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
                makers = [ProcessMaker(self.plan, self.output, self.state) for _ in range(count)]
            asyncio.run(_work(self.ledger, makers, progress))
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


def begin_campaign(
    plan: CampaignPlan,
    table: PeopleTable,
    output: str,
    state: Path | None = None,
    opt_out: Path | None = None,
    key: str | None = None,
) -> tuple[Campaign, CheckResult | None]:
    """Check all people and open the campaign's ledger with them, or the one that is there.

    Args:
        plan: what is made.
        table: for whom.
        output: a folder, or an address that fsspec knows.
        state: the campaign's own folder; None for one in the output's folder.
        opt_out: a file with the people who want no video, by `key`, a line each.
        key: the column that names a person.

    Returns:
        The campaign, and what the check found; None where an earlier run had checked.

    Raises:
        UsageError: the folder is another campaign's, or the table does not fit the script.
        MediaError: the table or the portrait cannot be read.
    """
    state = state_folder(output, state)
    if not Path(plan.image).is_file():
        raise UsageError(f"{plan.image} is no file: give a portrait.", option="image")
    digest = _digest(plan, table, opt_out)
    if (state / LEDGER).exists():
        return _known(output, state, digest), None
    if not is_address(output) and _has_files(Path(output)):
        raise UsageError(
            f"{output} has files in it and is no campaign's: give an empty or a new folder.",
            option="output",
        )
    state.mkdir(parents=True, exist_ok=True)
    os.chmod(state, 0o700)  # people's values are in it
    partial = state / f"{LEDGER}.partial"
    partial.unlink(missing_ok=True)
    ledger = Ledger(partial)
    try:
        result = _fill(ledger, plan, table, opt_out, key)
        named = plan.name or f"campaign-{secrets.token_hex(4)}"
        ledger.put(plan={**plan.fields(), "name": named}, digest=digest, table=str(table.path))
    except BaseException:
        ledger.close()
        shutil.rmtree(state)
        raise
    ledger.close()
    partial.rename(state / LEDGER)
    return Campaign(output, state), result


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


async def _work(ledger: Ledger, makers: Sequence[Maker], progress: Progress | None) -> None:
    """Keep all makers busy until nothing waits."""
    counts = ledger.counts()
    done = [counts["done"] + counts["failed"]]
    total = done[0] + counts["waiting"]

    def told(row: int = 1) -> None:
        done[0] += row
        if progress is not None:
            progress(done[0], total)

    told(0)

    async def keep_busy(name: str, maker: Maker) -> None:
        while (task := ledger.claim(name)) is not None:
            try:
                made = await maker.make(task)
            except MakingFailed as error:
                ledger.fail(task, str(error), error.again)
                told(int(ledger.state_of(task.number) == "failed"))
            except BaseException:
                ledger.release(task)
                raise
            else:
                ledger.finish(task, made)
                told()

    try:
        async with asyncio.TaskGroup() as group:
            for place, maker in enumerate(makers):
                group.create_task(keep_busy(f"{os.getpid()}-{place}", maker))
    finally:
        for maker in makers:
            await maker.close()


def _fill(
    ledger: Ledger, plan: CampaignPlan, table: PeopleTable, opt_out: Path | None, key: str | None
) -> CheckResult:
    checker: Checker | None = None

    def rows() -> Iterator[tuple[int, str, int, Mapping[str, str], str | None, str]]:
        nonlocal checker
        for person in table.rows():
            if checker is None:
                checker = Checker(plan, table.columns, read_opt_outs(opt_out), key)
            row = checker.check(person)
            # of those who opted out nothing is kept
            values = {} if row.state == "opted out" else person.values
            reason = "; ".join(f"{fault.column} {fault.reason}".strip() for fault in row.faults)
            yield person.number, row.state, row.priority, values, row.output, reason

    try:
        ledger.add(rows())
    finally:
        if checker is not None:
            checker.close()
    assert checker is not None  # a table without rows is told of
    return checker.result


def _known(output: str, state: Path, digest: str) -> Campaign:
    campaign = Campaign(output, state)
    if campaign.ledger.get("digest") != digest:
        campaign.close()
        raise UsageError(
            f"{output} is the folder of another campaign, or its script, portrait, table or "
            "options have changed: give another folder.",
            option="output",
        )
    return campaign


def _digest(plan: CampaignPlan, table: PeopleTable, opt_out: Path | None) -> str:
    """What a campaign is: it goes on with the same alone."""
    digest = hashlib.sha256(plan.digest().encode())
    for path in (table.path, opt_out):
        if path is None or path == STANDARD_INPUT:
            continue
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    return digest.hexdigest()


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _remove_empty(folder: Path) -> None:
    """Remove a folder and those in it as far as nothing is left in them."""
    for inner in sorted(folder.rglob("*"), reverse=True):
        if inner.is_dir() and not any(inner.iterdir()):
            inner.rmdir()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
