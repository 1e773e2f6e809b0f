"""The process that makes videos of a campaign."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lipwright.campaign import worker
from lipwright.campaign.plan import CampaignPlan


def test_its_memory_stays_flat_over_many_videos(
    plan: CampaignPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What that needs is chosen before anything large is made."""
    done: list[Any] = []
    opening = {"plan": plan.fields(), "output": str(tmp_path), "state": str(tmp_path), "cores": 3}
    messages = [SimpleNamespace(fields=opening), None]
    parent = SimpleNamespace(inbox=SimpleNamespace(get=lambda: messages.pop(0)))
    monkeypatch.setattr(worker, "Parent", lambda: parent)
    monkeypatch.setattr(worker, "keep_memory_flat", lambda: done.append("memory"))
    monkeypatch.setattr(worker, "use_at_most", done.append)
    monkeypatch.setattr(worker, "VideoMaker", lambda *_: done.append("maker"))
    worker.main()
    assert done == ["memory", 3, "maker"]
