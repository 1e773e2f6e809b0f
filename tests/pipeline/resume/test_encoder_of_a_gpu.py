"""Where a GPU is asked for, whole videos are made with the encoder that is faster."""

from __future__ import annotations

import json
from dataclasses import replace

import av
import pytest
from tests.helpers import speech_wav
from tests.pipeline.resume.runs import break_off, packets, sync

from lipwright.core.errors import UsageError
from lipwright.media.video import encoder_presets, encoder_trial
from lipwright.media.video.encoder_presets import ENCODERS, Encoder
from lipwright.media.video.encoder_selection import unavailable_reason
from lipwright.pipeline.checkpoint import CheckpointStore

KINDS = {"libx264": "h264", "libx265": "hevc"}


@pytest.fixture(autouse=True)
def card(monkeypatch) -> Encoder:
    """Stands in for a graphics card: an encoder that runs here, under its own name."""
    stand_in = replace(
        ENCODERS["libx265"],
        short="card",
        codec="H.264",
        hardware="a card",
        options=(("preset", "ultrafast"), ("x265-params", "log-level=none")),
    )
    monkeypatch.setitem(encoder_presets.ENCODERS, "libx265", stand_in)
    unavailable_reason.cache_clear()
    return stand_in


@pytest.fixture
def takes(monkeypatch):
    """Says how long libx264 and the card take."""

    def say(usual: float, card: float) -> None:
        known = {"libx264": usual, "libx265": card}
        monkeypatch.setattr(
            encoder_trial, "measure", lambda tried: [known[encoder.name] for encoder in tried]
        )

    return say


def kind_of(path) -> str:
    with av.open(str(path)) as container:
        return container.streams.video[0].codec_context.name


@pytest.mark.parametrize(("usual", "carded"), [(0.1, 0.2), (0.2, 0.1)])
@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_video_is_made_with_what_is_faster(device, usual, carded, picture, tmp_path, takes):
    takes(usual, carded)
    talk = speech_wav(tmp_path / "talk.wav", 0.3)
    result = sync(picture, talk, tmp_path / "v.mp4", device=device)
    expected = "libx265" if carded < usual else "libx264"
    assert result.encoder == expected and kind_of(result.output) == KINDS[expected]
    assert sync(picture, talk, tmp_path / "cpu.mp4").encoder == "libx264"


@pytest.mark.parametrize("begun", ["libx265", "libx264"])
def test_a_run_goes_on_with_the_encoder_it_began_with(begun, picture, talk, tmp_path, takes):
    """Whatever is faster by then."""
    alone, output = tmp_path / "alone.mp4", tmp_path / "out.mp4"
    order = (0.2, 0.1) if begun == "libx265" else (0.1, 0.2)
    takes(*order)
    sync(picture, talk, alone, device="cuda")
    break_off(picture, talk, output, 25, device="cuda")
    takes(*order[::-1])
    result = sync(picture, talk, output, device="cuda", resume=True)
    assert (result.encoder, result.resumed) == (begun, 20)
    assert kind_of(output) == KINDS[begun] and packets(output) == packets(alone)


def test_what_the_plan_names_is_not_taken_on_trust(picture, talk, tmp_path, takes):
    takes(0.1, 0.2)
    output = tmp_path / "out.mp4"
    break_off(picture, talk, output, 25, device="cuda")
    plan = CheckpointStore(output).folder / "plan.json"
    content = json.loads(plan.read_text())
    for name in ("rawvideo", "prores_ks", None):
        content["plan"]["encoder"] = name
        plan.write_text(json.dumps(content))
        with pytest.raises(UsageError, match="differs in encoder"):
            sync(picture, talk, output, device="cuda", resume=True)
