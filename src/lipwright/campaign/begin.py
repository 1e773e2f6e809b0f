"""A campaign begun: its people checked and written into its ledger."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from lipwright.campaign.campaign import LEDGER, Campaign, state_folder
from lipwright.campaign.check import CheckResult, checked_rows
from lipwright.campaign.ledger import Ledger
from lipwright.campaign.outputs import is_address
from lipwright.campaign.people import STANDARD_INPUT, PeopleTable
from lipwright.campaign.plan import CampaignPlan
from lipwright.core.errors import UsageError


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


def _fill(
    ledger: Ledger, plan: CampaignPlan, table: PeopleTable, opt_out: Path | None, key: str | None
) -> CheckResult:
    result = CheckResult()

    def rows() -> Iterator[tuple[int, str, int, Mapping[str, str], str | None, str]]:
        for row in checked_rows(plan, table, result, opt_out, key):
            # of those who opted out nothing is kept
            values = {} if row.state == "opted out" else row.person.values
            reason = "; ".join(f"{fault.column} {fault.reason}".strip() for fault in row.faults)
            yield row.person.number, row.state, row.priority, values, row.output, reason

    ledger.add(rows())
    return result


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
