"""The asyncio wrappers: the same results, and work that stops with its task."""

from __future__ import annotations

import asyncio
import threading
import time

import numpy as np
import pytest

import lipwright
from lipwright import aio
from lipwright.speech.speech import Speech
from tests.helpers import speech_like

pytestmark = pytest.mark.usefixtures("fake_engines")


def test_a_video_and_its_frames(hopper, voice, tmp_path):
    output = tmp_path / "out.mp4"

    async def main():
        result = await aio.sync(hopper, voice, output, engine="fake", quality="low", fps=5)
        frames = [f async for f in aio.frames(hopper, voice, engine="fake", quality="low", fps=5)]
        return result, frames

    result, frames = asyncio.run(main())
    assert output.exists() and result.frames == len(frames) == 5
    assert [frame.number for frame in frames] == list(range(5))
    assert float(frames[3].time) == pytest.approx(0.6)
    drawn = lipwright.render_frames(hopper, voice, engine="fake", quality="low", fps=5)
    for ours, theirs in zip(frames, drawn, strict=True):
        assert np.array_equal(ours.image, theirs)


def test_a_task_that_is_cancelled_stops_the_work(hopper, tmp_path):
    speech = Speech.from_samples(np.tile(speech_like(), 60), 16000)
    begun, told = threading.Event(), []

    def progress(stage, done, total):
        told.append(done)
        if stage == "frames":
            begun.set()

    async def main():
        work = aio.sync(
            hopper, speech, tmp_path / "x.mp4", engine="fake", quality="low", progress=progress
        )
        task = asyncio.create_task(work)
        await asyncio.to_thread(begun.wait, 30)
        task.cancel()
        started = time.perf_counter()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.perf_counter() - started

    assert asyncio.run(main()) < 5
    count = len(told)
    assert list(tmp_path.iterdir()) == []
    time.sleep(0.2)
    assert len(told) == count
    assert not [t for t in threading.enumerate() if t.name.startswith("lipwright-ahead")]


def test_frames_that_nobody_wants_any_more(hopper, voice):
    async def main():
        frames = aio.frames(hopper, voice, engine="fake", quality="low", fps=5)
        first = await anext(frames)
        await frames.aclose()
        return first

    assert asyncio.run(main()).number == 0


def test_what_goes_wrong_is_raised(tmp_path):
    with pytest.raises(lipwright.MediaError):
        asyncio.run(aio.sync("none.jpg", "none.wav", tmp_path / "x.mp4"))


def test_text_of_an_async_iterator_is_spoken():
    async def tokens():
        for piece in ("Hel", "lo Ravi. Th", "ank you."):
            await asyncio.sleep(0)
            yield piece

    async def main():
        speech = aio.speak_pieces(lipwright.Voice("anika"), tokens())
        return await asyncio.to_thread(speech.result)

    assert asyncio.run(main()).transcript == "Hello Ravi. Thank you."


def test_what_an_async_iterator_raises_is_raised_by_the_speech():
    async def tokens():
        yield "Hello Ra"
        raise ConnectionError("the model is gone")

    async def main():
        speech = aio.speak_pieces(lipwright.Voice("anika"), tokens())
        return await asyncio.to_thread(speech.result)

    with pytest.raises(ConnectionError, match="gone"):
        asyncio.run(main())
