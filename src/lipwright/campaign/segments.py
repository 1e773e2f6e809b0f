"""Passages as speech and as videos of their own, made once where they are the same for everybody.

Each video begins and ends with the head in its place, lips shut, and in silence, so that any may
follow any; they are joined without encoding anything twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.atomic_file import atomic_write
from lipwright.media.video.frame_schedule import frame_count

if TYPE_CHECKING:
    from lipwright.campaign.lip_check import LipCheck
    from lipwright.media.video.encoder_presets import Encoder
    from lipwright.media.video.output_spec import OutputSpec
    from lipwright.pipeline.portrait import Portrait
    from lipwright.speech.speech import Speech

    Speak = Callable[[str], Speech]

RATE = 44_100
"""Hz of the sound."""
PAUSE = 0.42
"""Seconds of silence at the end of a passage, as the voice has after a sentence."""
_QUIET = 1e-3  # of full scale


@dataclass(frozen=True)
class MadeSegment:
    """A passage as a video without sound."""

    path: Path
    """The video's file."""
    frames: int


class SharedSpeech:
    """Speech of passages for everybody, kept in files: spoken once, by whoever comes first."""

    def __init__(self, folder: Path, key: str, speak: Speak) -> None:
        """key: what the speech depends on besides the text. speak: speaks a text."""
        self._folder, self._key, self._speak = folder, key, speak

    def get(self, text: str, fps: Fraction) -> Speech:
        """Return the speech of a passage, as long as a number of frames."""
        place = self._folder / f"{_name(self._key, text)}.npz"
        with only_here(place):
            if not place.exists():
                speech = self.new(text, fps)
                write_speech(speech, place)
                return speech
        return read_speech(place, text)

    def new(self, text: str, fps: Fraction) -> Speech:
        """Return the speech of a passage that is not kept, as long as a number of frames."""
        return as_long_as_frames(self._speak(text), fps)


@dataclass
class SegmentMaker:
    """Makes passages of one portrait with one encoder."""

    portrait: Portrait
    encoder: Encoder
    folder: Path
    """Where those for everybody are kept."""
    key: str
    """What all of them depend on besides their text, in any form."""
    fps: Fraction
    made: int = field(default=0, init=False)
    """How many were made here, and not found."""

    def shared(self, text: str, speech: Speech) -> MadeSegment:
        """Return a passage for everybody: made once, by whoever comes first."""
        place = self.folder / f"{_name(self.key, text)}.mkv"
        with only_here(place):
            if place.exists():
                return MadeSegment(place, frame_count(speech.duration, self.fps))
            return self.make(text, speech, place)

    def make(
        self, text: str, speech: Speech, path: Path, check: LipCheck | None = None
    ) -> MadeSegment:
        """Draw a passage.

        text: decides how the head moves in it. check: is shown each frame.
        """
        from lipwright.media.video.writer import VideoWriter

        seed = self.portrait.options.seed + int(_name("", text)[:4], 16)
        with VideoWriter(path, self._spec()) as video:
            box = self.portrait.dirty_box
            frames = self.portrait.segment_frames(speech, self.fps, seed, planar=check is None)
            if check is None:
                for picture in frames.pictures():
                    video.write(picture, box)
            else:
                for image in frames:
                    check.see(video.frames, image)
                    video.write(image, box)
        self.made += 1
        return MadeSegment(path, video.frames)

    def _spec(self) -> OutputSpec:
        from dataclasses import replace

        from lipwright.media.video.containers import container_for
        from lipwright.media.video.output_spec import OutputSpec

        kind = replace(
            container_for(Path("a.mkv")), audio_codec=None, options=(), subtitle_codec=None
        )
        size = self.portrait.width, self.portrait.height
        quality = self.portrait.options.quality
        return OutputSpec(size, self.fps, quality, self.encoder, container=kind)


def write_speech(speech: Speech, place: Path) -> None:
    """Keep a speech in a file, an .npz, to the last bit."""
    symbols = json.dumps(speech.phones)
    with atomic_write(place) as partial, partial.open("wb") as file:
        np.savez(file, samples=speech.samples, phones=np.array(symbols))


def read_speech(place: Path, text: str) -> Speech:
    """Return a speech that `write_speech` has kept. text: what is said in it."""
    from lipwright.speech.speech import Phone, Speech

    with np.load(place, allow_pickle=False) as kept:
        samples, found = kept["samples"], json.loads(str(kept["phones"]))
    phones = None if found is None else [Phone(*phone) for phone in found]
    return Speech.from_samples(samples, RATE, phones, text.strip())


def as_long_as_frames(speech: Speech, fps: Fraction) -> Speech:
    """Return a speech with at least `PAUSE` after it, as long as a whole number of frames.

    Its sound is at `RATE`, mono float32 (n,).
    """
    from lipwright.media.audio.resample import resample
    from lipwright.speech.speech import Speech

    samples = resample(speech.samples, speech.rate, RATE)
    loud = np.flatnonzero(np.abs(samples) > _QUIET)
    spoken = (int(loud[-1]) + 1 if len(loud) else 0) / RATE
    frames = frame_count(max(len(samples) / RATE, spoken + PAUSE), fps)
    length = round(frames / fps * RATE)
    padded = np.pad(samples[:length], (0, max(0, length - len(samples))))
    return Speech.from_samples(padded, RATE, speech.phones, speech.transcript)


def joined_speech(speeches: list[Speech], fps: Fraction) -> Speech:
    """Return speeches one after the other, each beginning with the frame after the last.

    speeches: at `RATE`, each as long as a number of frames.
    """
    from lipwright.speech.speech import Phone, Speech

    pieces: list[np.ndarray] = []
    phones: list[Phone] | None = []
    frames = done = 0
    for speech in speeches:
        start = frames / fps
        missing = round(start * RATE) - done
        samples = speech.samples[max(0, -missing) :]
        pieces += [np.zeros(max(0, missing), np.float32), samples]
        done += max(0, missing) + len(samples)
        if speech.phones is None or phones is None:
            phones = None
        else:
            at = float(start)
            phones += [Phone(at + p.start, at + p.end, p.symbol) for p in speech.phones]
        frames += frame_count(speech.duration, fps)
    text = " ".join(speech.transcript for speech in speeches)
    return Speech.from_samples(np.concatenate(pieces), RATE, phones, text)


@contextmanager
def only_here(place: Path) -> Iterator[None]:
    """Keep other processes from making the same file meanwhile."""
    from filelock import FileLock

    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.with_suffix(".lock")):
        yield


def _name(key: str, text: str) -> str:
    return hashlib.sha256(f"{key}\n{text}".encode()).hexdigest()[:32]
