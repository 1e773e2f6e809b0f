"""The ledger: every change of state once, and only by who holds the lease."""

from __future__ import annotations

import json
import secrets
import sqlite3
from pathlib import Path

import pytest

from lipwright.server.ledger.assets import Assets, InUse
from lipwright.server.ledger.database import Database
from lipwright.server.ledger.deliveries import WAITS, Deliveries
from lipwright.server.ledger.videos import KeyReused, QueueFull, Videos

SOURCE = "a" * 22
FACTS = {"file": "video.mp4", "frames": 5, "width": 64, "fps": "25"}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = Database(tmp_path / "ledger.sqlite")
    Assets(found).add(SOURCE, {"kind": "image", "type": "image/png"}, "a.png", 5)
    return found


@pytest.fixture
def videos(database: Database) -> Videos:
    return Videos(database)


def order(videos: Videos, **more):
    return videos.add({"source": SOURCE, "text": "Hello"}, "a", **more)[0]


def test_the_one_that_waits_longest_is_leased_first_and_once(videos):
    first, second = order(videos), order(videos)
    claimed = [videos.claim("me", 60), videos.claim("me", 60)]
    assert [one.id for one in claimed] == [first.id, second.id]
    assert videos.claim("me", 60) is None
    assert {one.state for one in claimed} == {"running"}
    assert claimed[0].claim != claimed[1].claim


def test_some_can_be_left_for_later(videos):
    first, second = order(videos), order(videos)
    assert videos.claim("me", 60, but=(first.id,)).id == second.id


def test_a_lease_that_ran_out_is_taken_back_three_times(videos):
    name = order(videos).id
    for attempt in (1, 2, 3):
        claimed = videos.claim("me", -1)
        assert (claimed.id, claimed.attempts) == (name, attempt)
    assert videos.claim("me", 60) is None
    assert videos.get(name).state == "failed"
    assert "3 times" in videos.get(name).error


def test_the_leases_of_a_server_that_is_gone_are_taken_back(videos):
    order(videos)
    before = videos.claim("gone", 600)
    after = videos.claim("me", 60)
    assert after.id == before.id
    assert videos.finish(before, FACTS) is None
    assert videos.hold(before, 60) is False
    assert videos.advance(before, "frames", 0.5, 1, 2) is False
    assert videos.finish(after, FACTS).state == "done"


def test_what_was_cancelled_cannot_be_finished(videos):
    name = order(videos).id
    claimed = videos.claim("me", 60)
    assert videos.cancel(name).state == "cancelled"
    assert videos.finish(claimed, FACTS) is None
    assert videos.fail(claimed, "No.") is None
    videos.broke_off(claimed)
    videos.release(claimed)
    assert videos.get(name).state == "cancelled"
    assert videos.cancel(name).state == "cancelled"
    assert videos.cancel("nobody") is None


def test_a_lease_that_is_given_back_costs_no_attempt(videos):
    name = order(videos).id
    videos.release(videos.claim("me", 60))
    assert (videos.get(name).state, videos.get(name).attempts) == ("queued", 0)
    videos.claim("me", 60)
    videos.release_all("me")
    assert (videos.get(name).state, videos.get(name).attempts) == ("queued", 0)


def test_what_failed_is_tried_again_and_what_is_done_is_not(videos):
    name = order(videos).id
    videos.fail(videos.claim("me", 60), "No.", "quality")
    assert (videos.get(name).error, videos.get(name).option) == ("No.", "quality")
    again = videos.retry(name)
    assert (again.state, again.error, again.attempts) == ("queued", None, 0)
    videos.finish(videos.claim("me", 60), FACTS)
    assert videos.retry(name).state == "done"
    assert videos.retry("nobody") is None


def test_a_key_stands_for_one_video(videos):
    first, new = videos.add({"source": SOURCE}, "a", key="k", digest="d")
    assert new
    assert videos.add({"source": SOURCE}, "a", key="k", digest="d") == (videos.get(first.id), False)
    with pytest.raises(KeyReused):
        videos.add({"source": SOURCE}, "a", key="k", digest="other")
    assert len(videos.newest(10)) == 1


def test_no_more_wait_than_may(videos):
    order(videos, most=2), order(videos, most=2)
    with pytest.raises(QueueFull):
        order(videos, most=2)
    videos.claim("me", 60)
    order(videos, most=2)


def test_a_file_that_is_not_there_is_told(videos):
    with pytest.raises(LookupError):
        videos.add({"source": "b" * 22}, "a")


def test_the_newest_come_first_a_page_at_a_time(videos):
    names = [order(videos).id for _ in range(5)]
    assert [video.id for video in videos.newest(2)] == names[:2:-1]
    assert [video.id for video in videos.newest(9, names[3])] == names[2::-1]
    assert videos.newest(9, "nobody") == []
    assert videos.counts() == {"queued": 5}


def test_every_change_of_state_is_kept_for_who_comes_later(videos):
    name = order(videos).id
    claimed = videos.claim("me", 60)
    videos.advance(claimed, "frames", 0.5, 3, 6)
    videos.finish(claimed, FACTS)
    kept = videos.states_after(name, 0)
    assert [json.loads(data)["state"] for _, data in kept] == ["queued", "running", "done"]
    versions = [version for version, _ in kept]
    assert versions == sorted(set(versions))
    assert videos.states_after(name, versions[1]) == kept[2:]
    assert videos.delete(name)
    assert videos.states_after(name, 0) == []
    assert not videos.delete(name)


def test_progress_never_goes_back(videos):
    name = order(videos).id
    claimed = videos.claim("me", 60)
    videos.advance(claimed, "frames", 0.5, 3, 6)
    videos.advance(claimed, "frames", 0.2, 1, 6)
    assert videos.get(name).progress == 0.5


def test_an_upload_that_is_needed_stays(videos, database):
    assets = Assets(database)
    name = order(videos).id
    with pytest.raises(InUse):
        assets.delete(SOURCE)
    videos.cancel(name)
    assert assets.delete(SOURCE)
    assert not assets.delete(SOURCE)
    assert assets.get(SOURCE) is None


def test_a_webhook_is_written_with_the_end_itself(videos, database, monkeypatch):
    deliveries = Deliveries(database)
    name = order(videos, webhook=("https://example.com", "s" * 16)).id
    assert deliveries.due() == []
    claimed = videos.claim("me", 60)
    monkeypatch.setattr(secrets, "token_urlsafe", lambda n: None)  # no id: it must not be
    with pytest.raises(sqlite3.IntegrityError):
        videos.finish(claimed, FACTS)
    assert videos.get(name).state == "running"
    monkeypatch.undo()
    videos.finish(claimed, FACTS)
    (due,) = deliveries.due()
    assert json.loads(due.body)["type"] == "video.done"
    assert json.loads(due.body)["video"]["id"] == name


def test_a_webhook_is_tried_again_and_then_given_up(videos, database, monkeypatch):
    deliveries, now = Deliveries(database), [1e9]
    monkeypatch.setattr("time.time", lambda: now[0])
    videos.cancel(order(videos, webhook=("https://example.com", "s" * 16)).id)
    for wait in WAITS:
        (due,) = deliveries.due()
        deliveries.failed(due, "status 500")
        assert deliveries.due() == []
        now[0] += wait
    (last,) = deliveries.due()
    deliveries.failed(last, "status 500")
    now[0] += 1e9
    assert deliveries.due() == []
    row = database.row("SELECT state, body, secret FROM deliveries")
    assert tuple(row) == ("failed", "", "")


def test_a_change_that_fails_changes_nothing(database, videos):
    told: list[str] = []
    database.listener = told.append
    with pytest.raises(RuntimeError), database.change() as base:
        base.execute("DELETE FROM assets")
        database.tell("x")
        raise RuntimeError
    assert Assets(database).ids() == {SOURCE}
    assert told == []
    assert order(videos).id in told


def test_it_is_there_after_it_was_closed(database, videos, tmp_path):
    name = order(videos).id
    database.close()
    found = Videos(Database(tmp_path / "ledger.sqlite")).get(name)
    assert found and found.state == "queued"
