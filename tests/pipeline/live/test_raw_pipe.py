"""Raw pictures and samples, for other programs."""

from __future__ import annotations

import asyncio
import io
import os
import time
from dataclasses import replace

import numpy as np
import pytest
from tests.live_session import a_format, frames, grey

from lipwright.core.errors import MediaError
from lipwright.pipeline.live.sinks.raw_pipe import RawPipeSink


class Kept(io.BytesIO):
    """A file object whose content outlives it."""

    def close(self) -> None:
        self.content = self.getvalue()
        super().close()


def written(sent, pixels="bgr24"):
    pictures, sound = Kept(), Kept()

    async def write() -> None:
        sink = RawPipeSink(pictures, sound, pixels=pixels)
        await sink.open(a_format("bgr"))
        for frame in sent:
            await sink.send(frame)
            await asyncio.sleep(0.005)
        await sink.interrupt()
        await sink.close()

    asyncio.run(write())
    return pictures.content, sound.content


def test_every_picture_and_sample_arrives():
    form = a_format("bgr")
    sent = frames(form, 30)
    pictures, sound = written(sent)
    assert pictures == b"".join(frame.picture for frame in sent)
    assert sound == b"".join(frame.sound for frame in sent)


def test_pictures_in_planes():
    pictures, _ = written(frames(a_format("bgr"), 2), "yuv420p")
    assert len(pictures) == 2 * 96 * 96 * 3 // 2
    luma = np.frombuffer(pictures, np.uint8)[: 96 * 96].reshape(96, 96)
    assert abs(int(luma[-1, 0]) - (16 + grey(0) * 219 / 255)) <= 1


def test_missing_frames_are_the_last_picture_and_silence():
    sent = frames(a_format("bgr"), 6)
    late = [sent[0], sent[1], replace(sent[2], picture=b""), sent[5]]
    pictures, sound = written(late)
    seen = np.frombuffer(pictures, np.uint8).reshape(6, -1)[:, -1]
    assert seen.tolist() == [grey(0), *[grey(1)] * 4, grey(5)]
    heard = np.frombuffer(sound, np.int16).reshape(6, -1)
    assert [bool(part.any()) for part in heard] == [True, True, True, False, False, True]


def test_a_reader_that_is_slow_loses_both_and_stops_nobody():
    form = a_format("bgr", size=256)
    reading, writing = os.pipe()
    sound = Kept()

    async def write() -> RawPipeSink:
        sink = RawPipeSink(os.fdopen(writing, "wb"), sound)
        await sink.open(form)
        began = time.monotonic()
        for frame in frames(form, 60):
            await sink.send(frame)
        assert time.monotonic() - began < 2
        os.close(reading)
        await sink.close()
        return sink

    sink = asyncio.run(write())
    assert sink.dropped > 20
    assert len(sound.content) <= (60 - sink.dropped) * 2 * 960


def test_a_reader_that_has_gone_is_told_of():
    form = a_format("bgr")
    reading, writing = os.pipe()
    os.close(reading)

    async def write() -> None:
        sink = RawPipeSink(os.fdopen(writing, "wb"), None)
        await sink.open(form)
        try:
            for frame in frames(form, 20):
                await sink.send(frame)
                await asyncio.sleep(0.02)
        finally:
            await sink.close()

    with pytest.raises(MediaError, match="Nobody reads the pipe"):
        asyncio.run(write())
