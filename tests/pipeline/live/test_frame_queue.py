"""What a slow reader gets: whole pictures, on time."""

from __future__ import annotations

import asyncio

from lipwright.pipeline.live.frames import LiveFrame
from lipwright.pipeline.live.sinks.frame_queue import FrameQueue


def frame(number: int, keyframe: bool = False) -> LiveFrame:
    return LiveFrame(number, number / 25, b"p", keyframe, b"ss")


def taken(queue: FrameQueue) -> list[tuple[int, bool]]:
    queue.end()

    async def take() -> list[tuple[int, bool]]:
        got = []
        while (one := await queue.get()) is not None:
            got.append((one.number, bool(one.picture)))
        return got

    return asyncio.run(take())


def test_a_viewer_in_the_middle_asks_once_and_hears_until_the_keyframe():
    asked: list[None] = []
    queue = FrameQueue(10, True, lambda: asked.append(None))
    for number in range(5):
        queue.put(frame(number, keyframe=number == 3))
    assert taken(queue) == [(0, False), (1, False), (2, False), (3, True), (4, True)]
    assert len(asked) == 1
    assert queue.dropped == 3


def test_a_reader_that_fell_behind_goes_on_at_the_next_keyframe():
    asked: list[None] = []
    queue = FrameQueue(3, True, lambda: asked.append(None))
    for number in range(6):
        queue.put(frame(number, keyframe=number in (0, 4)))
    # 0 to 2 waited when 3 came, which cannot be decoded without them
    assert taken(queue) == [(3, False), (4, True), (5, True)]
    assert queue.dropped == 4
    assert len(asked) == 1


def test_plain_pictures_need_no_keyframe():
    queue = FrameQueue(2, False)
    for number in range(3):
        queue.put(frame(number))
    assert taken(queue) == [(2, True)]


def test_an_interruption_silences_what_waits_and_keeps_its_pictures():
    queue = FrameQueue(5, False)
    queue.put(frame(0))
    queue.silence()
    queue.put(frame(1))
    queue.end()
    got = [asyncio.run(queue.get()) for _ in range(2)]
    assert [(one.picture, one.sound) for one in got if one] == [(b"p", b"\0\0"), (b"p", b"ss")]


def test_a_reader_that_began_anew_waits_for_a_keyframe():
    queue = FrameQueue(5, True)
    queue.put(frame(0, keyframe=True))
    queue.restart()
    queue.put(frame(1))
    queue.put(frame(2, keyframe=True))
    assert taken(queue) == [(1, False), (2, True)]
