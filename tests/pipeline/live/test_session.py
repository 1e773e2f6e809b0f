"""A live session of a real portrait and a real voice, in processes of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path, speech_like, tone

import lipwright
from lipwright import FaceError, LipwrightError, MediaError, UsageError, VoiceError
from lipwright.pipeline.live.frames import LiveFormat, LiveFrame, VideoCoding
from lipwright.pipeline.live.scene import read_marker
from lipwright.pipeline.live.session import LiveSession
from lipwright.pipeline.live.voices import LiveVoice, LiveVoices

SMALL: Any = {"quality": "low", "motion": "subtle"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portrait at 200 x 240: what is tested here is not how it looks."""
    image = cv2.imread(str(hopper_path()))
    assert image is not None
    path = tmp_path_factory.mktemp("live") / "face é.png"
    cv2.imwrite(str(path), cv2.resize(image, (200, 240), interpolation=cv2.INTER_AREA))
    return path


def run(work: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(seconds):
            return await work()

    return asyncio.run(limited())


def level(frame: LiveFrame) -> int:
    return int(np.abs(np.frombuffer(frame.sound, "<i2").astype(np.int32)).max(initial=0))


async def until(frames: AsyncIterator[LiveFrame], wanted: Callable[[LiveFrame], bool]) -> LiveFrame:
    async for frame in frames:
        if wanted(frame):
            return frame
    raise AssertionError("the session ended before")


def test_a_whole_conversation(small: Path) -> None:
    async def talk() -> None:
        async with lipwright.live(small, marker=True, **SMALL) as session:
            form, frames = session.format, aiter(session)
            assert (form.height, form.fps, form.rate) == (480, 25, 24_000)
            first = await anext(frames)
            assert session.state == "idle" and level(first) == 0

            saying = asyncio.create_task(session.say("Good morning, Mathangi."))
            spoken = await until(frames, lambda frame: level(frame) > 500)
            assert session.state == "speaking"
            assert await saying
            shown = [frame async for frame in _some(frames, 12)]
            check_pictures(form, [first, spoken, *shown])
            await asyncio.gather(session.finished(), until(frames, lambda frame: not level(frame)))

            long = asyncio.create_task(session.say("This is said at length, and never ends. " * 40))
            await until(frames, lambda frame: level(frame) > 500)
            await session.interrupt()
            assert await long is False
            quiet = [frame async for frame in _some(frames, 12)]
            assert max(map(level, quiet[5:])) == 0 and session.state == "idle"

            await session.hear((tone(0.5, 16_000) * 32767).astype("<i2").tobytes(), 16_000)
            await until(frames, lambda frame: level(frame) > 500)
            numbers = [frame.number for frame in [first, spoken, *shown, *quiet]]
            assert numbers == sorted(set(numbers)) and session.dropped == 0
            pids = session.pids
        assert all(has_ended(pid) for pid in pids) and len(pids) == 2
        with pytest.raises(UsageError, match="not open"):
            await session.say("Too late.")

    run(talk)


async def _some(frames: AsyncIterator[LiveFrame], count: int) -> AsyncIterator[LiveFrame]:
    for _ in range(count):
        yield await anext(frames)


def check_pictures(form: LiveFormat, frames: list[LiveFrame]) -> None:
    """Every picture is the one of its number, and the mouth moves."""
    pictures = []
    for frame in frames:
        assert len(frame.sound) == 2 * 960
        if frame.picture:
            image = np.frombuffer(frame.picture, np.uint8).reshape(form.height, form.width, 3)
            assert read_marker(image) == frame.number
            pictures.append(image[16:].astype(np.int16))
    assert len(pictures) > 2
    assert max(np.abs(one - pictures[0]).max() for one in pictures) > 40


def has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def decoded(name: str, packets: list[bytes]) -> list[np.ndarray]:
    import av

    context: Any = av.CodecContext.create(name, "r")
    frames = [frame for packet in packets for frame in context.decode(av.Packet(packet))]
    frames += context.decode(None)
    return [frame.to_ndarray(format="bgr24") for frame in frames]


@pytest.mark.parametrize(("coding", "decoder"), [("h264", "h264"), ("vp9", "libvpx-vp9")])
def test_coded_pictures_can_be_decoded_from_a_keyframe_on(
    tmp_path: Path, small: Path, coding: VideoCoding, decoder: str
) -> None:
    image = cv2.imread(str(small))
    assert image is not None
    alpha = np.full(image.shape[:2], 255, np.uint8)
    alpha[:, :30] = 0
    path = tmp_path / "cut out.png"
    cv2.imwrite(str(path), np.dstack([image, alpha]))

    async def take() -> list[LiveFrame]:
        session = LiveSession(path, coding=coding, marker=True, voices=SilentVoices(), **SMALL)
        async with session:
            frames = aiter(session)
            await anext(frames)
            await session.request_keyframe()
            first = await until(frames, lambda frame: frame.keyframe)
            return [first, *[frame async for frame in _some(frames, 5)]]

    frames = [frame for frame in run(take) if frame.picture]
    assert frames[0].keyframe and not all(frame.keyframe for frame in frames)
    images = decoded(decoder, [frame.picture for frame in frames])
    assert [read_marker(one) for one in images] == [frame.number for frame in frames]
    if coding == "vp9":
        shapes = decoded(decoder, [frame.alpha for frame in frames])
        assert shapes[0][100, 5].max() < 40 and shapes[0][100, 100].min() > 220


class SilentVoices(LiveVoices):
    """Voices that need not be loaded."""

    async def check(self, voice: LiveVoice) -> None:
        """Do nothing."""

    load = check


@pytest.mark.parametrize(
    ("source", "more", "error", "says"),
    [
        (b"no picture", {}, MediaError, "picture"),
        ("missing.png", {}, MediaError, "missing.png"),
        ("https://example.org/a.png", {}, UsageError, "address"),
        (3, {}, UsageError, "int"),
        (np.zeros((64, 64, 3), np.uint8), {}, FaceError, "face"),
        (np.zeros((64, 64)), {}, UsageError, "uint8"),
        (None, {"voice": "nobody"}, VoiceError, "nobody"),
        (None, {"background": "green"}, UsageError, "green"),
        (None, {"engine": "wav2lip"}, LipwrightError, "wav2lip|Wav2Lip"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    small: Path, source: Any, more: dict[str, Any], error: type[Exception], says: str
) -> None:
    async def begin() -> None:
        voices: Any = {} if "voice" in more else {"voices": SilentVoices()}
        async with LiveSession(small if source is None else source, **SMALL, **more, **voices):
            pass

    with pytest.raises(error, match=says):
        run(begin)


def test_odd_sound_and_odd_texts_are_refused_and_the_session_goes_on(small: Path) -> None:
    async def talk() -> None:
        async with lipwright.live(small, **SMALL) as session:
            for sound, rate in [(b"\0", 16_000), (b"\0\0", 0), (b"\0\0", 10**9), ("x", 16_000)]:
                with pytest.raises(UsageError):
                    await session.hear(sound, rate)  # type: ignore[arg-type]
            with pytest.raises(UsageError):
                await session.hear(np.full(100, np.nan, np.float32), 16_000)
            await session.hear(np.full(100, 7.0, np.float32), 8_000)
            for text in ["", "  ", "…"]:
                with pytest.raises(VoiceError):
                    await session.say(text)
            with pytest.raises(LipwrightError):
                await session.say(3)  # type: ignore[arg-type]

            async def broken() -> AsyncIterator[str]:
                yield "Half a sen"
                raise ValueError("the model broke")

            with pytest.raises(ValueError, match="the model broke"):
                await session.say(broken())
            frames = aiter(session)
            saying = asyncio.create_task(session.say("And still it speaks."))
            await until(frames, lambda frame: level(frame) > 500)
            await saying

    run(talk)


def test_a_process_that_dies_is_told_of(small: Path) -> None:
    async def talk() -> None:
        async with LiveSession(small, voices=SilentVoices(), **SMALL) as session:
            frames = aiter(session)
            await anext(frames)
            os.kill(session.pids[0], signal.SIGKILL)
            with pytest.raises(LipwrightError, match="ended"):
                await until(frames, lambda frame: False)

    run(talk)


def test_the_processes_end_with_the_program_that_started_them(small: Path) -> None:
    program = (
        "import asyncio, os, sys, lipwright\n"
        "async def main():\n"
        f"    session = lipwright.live({str(small)!r}, quality='low', motion='still')\n"
        "    await session.open()\n"
        "    print(*session.pids, flush=True)\n"
        "    os._exit(0)\n"
        "asyncio.run(main())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    pids = [int(word) for word in ran.stdout.split()]
    assert len(pids) == 2, ran.stderr

    async def wait() -> None:
        while not all(map(has_ended, pids)):
            await asyncio.sleep(0.05)

    run(wait, 10)


def test_two_sessions_share_a_voice_and_do_not_disturb_each_other(small: Path) -> None:
    async def talk() -> None:
        voices = LiveVoices()
        first = LiveSession(small, voices=voices, **SMALL)
        second = LiveSession(small, voices=voices, **SMALL)
        async with first, second:
            assert len({*first.pids, *second.pids}) == 3
            sayings = [
                asyncio.create_task(first.say("The first one speaks for a long while. " * 30)),
                asyncio.create_task(second.say("And so does the second one.")),
            ]
            await until(aiter(first), lambda frame: level(frame) > 500)
            await first.interrupt()
            await until(aiter(second), lambda frame: level(frame) > 500)
            assert await asyncio.gather(*sayings) == [False, True]
        await voices.close()

    run(talk)


def test_sound_that_comes_faster_than_it_is_heard_waits(small: Path) -> None:
    async def talk() -> None:
        async with LiveSession(small, voices=SilentVoices(), **SMALL) as session:
            frames = aiter(session)
            await anext(frames)
            await session.hear(speech_like(20.0, 16_000), 16_000)
            await until(frames, lambda frame: level(frame) > 100)
            more = asyncio.create_task(session.hear(tone(1.0, 16_000), 16_000))
            await asyncio.sleep(0.3)
            assert not more.done()
            await session.interrupt()
            await more

    run(talk)
