"""A small campaign that tests begin."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from tests.helpers import hopper_path

from lipwright.campaign.plan import CampaignPlan

SCRIPT = "Hello {name:name}! This is for everybody. You owe {amount:currency}."


@pytest.fixture(scope="session")
def small_face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait of 200 x 240 px: what is tested here is not how it looks."""
    image = cv2.imread(str(hopper_path()))
    assert image is not None
    path = tmp_path_factory.mktemp("campaign") / "face é.png"
    cv2.imwrite(str(path), cv2.resize(image, (200, 240), interpolation=cv2.INTER_AREA))
    return path


@pytest.fixture
def plan(small_face: Path) -> CampaignPlan:
    return CampaignPlan(SCRIPT, str(small_face), options={"quality": "low"}, name="May")
