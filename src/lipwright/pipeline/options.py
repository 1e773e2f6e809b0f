"""What a caller chooses, and what a caller is told: how far the work is, and what was made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lipwright.core.cores import MOST_WORKERS
from lipwright.core.device import check_device
from lipwright.core.errors import UsageError
from lipwright.core.option import option
from lipwright.core.validation import (
    LENGTHS,
    MOTIONS,
    MOUTHS,
    QUALITIES,
    Length,
    Motion,
    MouthSource,
    Quality,
    check_choice,
    parse_fps,
)
from lipwright.media.audio.tracks import check_track
from lipwright.pipeline.captions.options import Captions
from lipwright.pipeline.provenance_options import Provenance

if TYPE_CHECKING:
    from lipwright.engines.base import Engine
    from lipwright.face.speaker_selection import SpeakerLike
    from lipwright.pipeline.av_offset import AvOffset

PER_FILE = frozenset({"fps", "captions", "resume", "no_clobber"})
"""Options that may differ from file to file of one prepared source."""


@dataclass(frozen=True, kw_only=True)
class RenderOptions:
    """Everything a caller can choose, validated once and handed on whole.

    One field is one option: in Python, and on the command line, which is derived from it.

    Raises:
        UsageError: a value that does not exist.
    """

    engine: str | Engine = option("warp", 'How the face is moved; "lipwright engines" lists them.')
    """A name from `lipwright.engines.ENGINES`, or an engine itself."""
    engine_options: Mapping[str, object] | None = None
    """What this engine alone takes, such as Wav2Lip's paste and batch_size."""
    quality: Quality = option("high", "Height of the video: low 480, medium 720, high 1080.")
    """Size of a picture's video by its height, and how well a video is encoded."""
    fps: float | str | Fraction | None = option(
        None,
        "Frames per second, any rational: 25, 23.976, 30000/1001.",
        shown="25, or the video's own",
    )
    """None takes 25 for a picture, and a video's own rate; a Fraction afterwards."""
    encoder: str = option(
        "auto", 'What encodes the video, such as x265 or nvenc; "lipwright encoders" lists.'
    )
    """A name from `lipwright encoders`."""
    device: str = option(
        "auto",
        "Where networks run: auto (a GPU where the engine can), cpu, cuda, cuda:N or mps.",
    )
    """See `lipwright.core.device`."""
    gpu: bool | None = option(
        None, "Run networks on a CUDA GPU, or not: the device cuda or cpu.", shown="the device"
    )
    """True is the device "cuda", False "cpu", None what `device` says."""
    motion: Motion = option("natural", "How much head and eyes move; still: only the mouth.")
    """Of pictures: "still" moves the mouth alone; the others add head and eyes, more and more."""
    mouth: MouthSource = option(
        "auto",
        "A video's mouths: its own where it has such and drawn ones elsewhere, always its own, or "
        "always drawn.",
    )
    """Of videos: where the inside of a mouth and lips that a frame does not show come from. "auto"
    takes them from other frames with that person where those show such a mouth, and draws them
    elsewhere; "own" takes them there however unlike the wanted one they are; "drawn" never does."""
    length: Length = option(
        "bounce",
        "A video and a longer speech: run back and forth, start again, end early, hold the last "
        "frame, or play slower.",
    )
    """What happens where the speech is longer than the video: "bounce" (it runs back and forth),
    "loop", "freeze" (its last frame stays), "remap" (it runs slower or faster, to fill the speech);
    "cut" ends with the shorter of the two."""
    keep_audio: float | None = option(
        None,
        "Keep a video's own sound under the speech, -20 for 20 dB quieter.",
        metavar="DB",
        shown=False,
    )
    """Decibels: a video's own sound is heard under the speech, so much quieter than it is. It
    starts again where the video ends before the speech, forwards and at its own speed, and with
    "freeze" fades out. None leaves it out."""
    audio_track: int | str | None = option(
        None,
        "Which sound track of files with several: its number, from 1, or language, such as hi.",
        metavar="N|LANG",
        shown="the file's default",
    )
    """Which sound track is used, of the speech's file and of a video's own sound, where a file has
    several: its number, from 1 on, or its language. None takes the file's default one. A file's
    only track is used whatever is wanted."""
    fix_sync: bool = option(
        False, "Move the kept sound to where a video's lips are, if it is early or late."
    )
    """A video's own sound, where it is kept, is moved to fit the picture, by the offset of its own
    lips; where that cannot be told, it stays where it is. The log and the result say what was
    found."""
    speaker: SpeakerLike = "auto"
    """Who speaks: "auto" (in a video whose lips move with its own sound, else the largest; which is
    said), a number (0 is the largest), a place (x, y) in px, or "name=reference.jpg", a picture of
    the person. Where several speak, each speech names its own."""
    seed: int = option(0, "Same seed and same input: the same frames again.", metavar="N")
    """Same seed, same input: same frames."""
    captions: Captions | None = None
    """What is said, as text."""
    provenance: Provenance = Provenance()
    """Besides the mark that every video carries: a visible label, consent, a signature."""
    workers: int | None = option(
        None,
        "How many frames are drawn at once.",
        metavar="N",
        shown="one for each core but one, up to 4",
    )
    """Frames drawn at once, each in a thread: None takes all cores but the encoder's, up to 4. The
    frames are the same with any number; each costs memory, about 10 bytes per px of a picture."""
    resume: bool = option(False, "Go on where an earlier run of the same broke off.")
    """Go on where an earlier run of the same broke off; what lasts longer than 20 s keeps what is
    finished, in a hidden folder beside the output, until all of it is. Where nothing is, it
    begins."""
    no_clobber: bool = option(False, "Refuse to replace a file that is already there.")
    """Refuse to replace an output, or a file of captions, that is already there."""

    def __post_init__(self) -> None:
        """Check all that can be checked without the source."""
        from lipwright.media.video.encoder_selection import check_encoder

        check_choice("quality", self.quality, QUALITIES)
        check_choice("motion", self.motion, MOTIONS)
        check_choice("mouth", self.mouth, MOUTHS)
        check_choice("length", self.length, LENGTHS)
        check_encoder(self.encoder)
        check_device(self.device)
        object.__setattr__(self, "audio_track", check_track(self.audio_track))
        if self.gpu is not None and self.device not in ("auto", "cuda" if self.gpu else "cpu"):
            raise UsageError(
                f'The device "{self.device}" and gpu={self.gpu} contradict each other: give one.',
                option="gpu",
            )
        if self.fix_sync and self.keep_audio is None:
            raise UsageError(
                "The video's own sound is left out, so there is none to move: keep it as well.",
                option="fix-sync",
            )
        if self.workers is not None and not 1 <= self.workers <= MOST_WORKERS:
            raise UsageError(
                f"{self.workers} workers are impossible: give 1 to {MOST_WORKERS}.",
                option="workers",
            )
        if self.seed < 0:
            raise UsageError(f"A seed of {self.seed} is impossible: give 0 or more.", option="seed")
        if self.fps is not None:
            object.__setattr__(self, "fps", parse_fps(self.fps))

    @classmethod
    def of(cls, options: RenderOptions | None, changes: Mapping[str, Any]) -> RenderOptions:
        """Return options with some of them changed, by the names of their fields.

        Raises UsageError for a name that does not exist.
        """
        _check_names(changes, {each.name for each in fields(cls)})
        return replace(options or cls(), **changes)

    def for_file(self, changes: Mapping[str, Any]) -> RenderOptions:
        """Return the options of one file, in which only those of `PER_FILE` may differ."""
        _check_names(changes, PER_FILE)
        return replace(self, **changes)

    @property
    def rate(self) -> Fraction | None:
        """Frames per second; None for the source's own."""
        assert self.fps is None or isinstance(self.fps, Fraction)
        return self.fps

    @property
    def chosen_device(self) -> str:
        """The device, whether it was named or asked for by `gpu`."""
        if self.gpu is None:
            return self.device
        return "cuda" if self.gpu else "cpu"

    @property
    def wants_gpu_encoder(self) -> bool:
        """Whether a graphics card shall encode too: only where a GPU was asked for by name."""
        return self.chosen_device.startswith(("cuda", "mps"))

    def fingerprint(self, *names: str) -> dict[str, object]:
        """Return the values of options that shape the frames, by their names in words."""
        shaping = {name.replace("_", " "): getattr(self, name) for name in names}
        return {
            **shaping,
            "seed": self.seed,
            "device": self.chosen_device,
            "engine options": self.engine_options,
        }


def _check_names(given: Collection[str], known: Collection[str]) -> None:
    """Raises UsageError for an option that is not known, with the one that may be meant."""
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            meant = f'did you mean "{near[0]}"?' if near else f"choose one of {_listed(known)}."
            raise UsageError(f'There is no option "{name}" here: {meant}')


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


class Progress(Protocol):
    """Told how far the work is: stage is "portrait" (steps), "film" or "frames" (frames)."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note that `done` of `total` are done."""
        ...


@dataclass(frozen=True)
class SyncResult:
    """What was made."""

    output: Path
    """The video file."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    fps: Fraction
    """Frames per second, exact."""
    frames: int
    """How many frames the video has."""
    duration: float
    """Seconds of video."""
    seconds: float
    """Seconds it took, from reading the source to the finished file."""
    engine: str
    """The engine that moved the face."""
    encoder: str
    """What encoded the video, by FFmpeg's name."""
    speech: Path | None
    """The sound file that was spoken (of several the longest), or None for one from memory."""
    speakers: tuple[int, ...]
    """Who spoke, by the numbers that `lipwright faces` shows: 0 is the largest."""
    left_alone: Mapping[str, int] = field(default_factory=dict)
    """How many frames of a video are as they were, by reason: see `LeftAlone`."""
    own_mouths: int = 0
    """Frames of a video whose mouth comes from the video itself, as far as its engine says so."""
    drawn_mouths: int = 0
    """Frames of a video whose mouth was drawn, or more drawn than the video's own; likewise."""
    unreadable: int = 0
    """Frames for which the film could not be read: they show the picture before."""
    own_offset: AvOffset | None = None
    """The offset of a video's own lips against its own sound, where its sync was to be fixed."""
    sound_moved: float = 0.0
    """Seconds by which the video's own sound was moved later to fit its picture."""
    kept: tuple[str, ...] = ()
    """Subtitles and chapters of a video that the new one has as well."""
    left_out: tuple[str, ...] = ()
    """What else a video has that the new one does not: its other sound tracks, subtitles that are
    pictures, attached files."""
    resumed: int = 0
    """Frames that an earlier run had finished before it broke off."""
    ai_generated: bool = True
    """Always: the file's own metadata says so as well."""

    @property
    def speed(self) -> float:
        """Seconds of video made in a second of time, what an earlier run had finished left out."""
        return float((self.frames - self.resumed) / self.fps) / max(self.seconds, 1e-9)


def report(progress: Progress | None, stage: str, done: int, total: int) -> None:
    """Tell whoever wants to know how far the work is."""
    if progress is not None:
        progress(stage, done, total)
