"""The ledger: leases, tries and what happens when somebody dies."""

from __future__ import annotations

import pytest

from lipwright.campaign.ledger import ATTEMPTS, LEASE_SECONDS, Ledger, Made
from lipwright.core.errors import UsageError

MADE = Made(2.0, 1.0, 1.5, 1000, 20)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    people = [(n, "waiting", int(n == 3), {"name": f"P{n}"}, f"{n}.mp4", "") for n in range(1, 5)]
    ledger.add([*people, (5, "faulty", 0, {}, None, "x"), (6, "opted out", 0, {}, None, "")])
    yield ledger
    ledger.close()


def test_rows_are_taken_once_by_priority(ledger):
    taken = [ledger.claim("a").number for _ in range(4)]
    assert taken == [3, 1, 2, 4] and ledger.claim("a") is None
    assert ledger.counts()["working"] == 4


def test_what_is_made_is_counted(ledger):
    task = ledger.claim("a")
    assert task.person == {"name": "P3"} and task.output == "3.mp4" and task.attempt == 1
    assert ledger.finish(task, MADE) and not ledger.finish(task, MADE)
    assert ledger.totals()["bytes"] == 1000 and ledger.counts()["done"] == 1


def test_a_row_is_tried_again_and_then_has_failed(ledger):
    for attempt in range(1, ATTEMPTS + 1):
        task = ledger.claim("a")
        assert (task.number, task.attempt) == (3, attempt)
        ledger.fail(task, "no luck", again=True)
    assert ledger.state_of(3) == "failed"
    ledger.fail(ledger.claim("a"), "hopeless", again=False)
    assert ledger.state_of(1) == "failed" and ledger.retry() == 2
    assert ledger.claim("a").attempt == 1


def test_who_dies_loses_the_lease_and_whoever_comes_late_changes_nothing(ledger):
    late = ledger.claim("a", now=0.0)
    again = ledger.claim("b", now=LEASE_SECONDS + 1)
    assert again.number == late.number and again.attempt == 2
    assert not ledger.finish(late, MADE)
    ledger.fail(late, "too late", again=True)
    assert ledger.state_of(again.number) == "working" and ledger.finish(again, MADE)


def test_leases_that_end_are_tries(ledger):
    for turn in range(ATTEMPTS):
        assert ledger.claim("a", now=turn * (LEASE_SECONDS + 1)).number == 3
    assert ledger.claim("a", now=ATTEMPTS * (LEASE_SECONDS + 1)).number == 1
    assert ledger.state_of(3) == "failed"


def test_what_is_given_back_is_no_try_and_what_broke_off_is_one(ledger):
    ledger.release(ledger.claim("a"))
    assert ledger.claim("a").attempt == 1
    assert ledger.reopen() == 1
    assert ledger.claim("a").attempt == 2


def test_all_or_nothing_of_a_table_is_kept(ledger):
    with pytest.raises(UsageError, match="two rows|Two rows"):
        ledger.add([(7, "waiting", 0, {}, "7.mp4", ""), (8, "waiting", 0, {}, "1.mp4", "")])
    assert sum(ledger.counts().values()) == 6


def test_nothing_of_a_row_stays_in_the_file(ledger, tmp_path):
    task = ledger.claim("a")
    ledger.put(name="kept")
    assert ledger.remove(task.number) == "3.mp4" and ledger.get("name") == "kept"
    for path in tmp_path.iterdir():
        assert b'"P3"' not in path.read_bytes()
    with pytest.raises(UsageError, match="no row 99"):
        ledger.remove(99)
