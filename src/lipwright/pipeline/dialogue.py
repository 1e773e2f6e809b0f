"""What is said in a video, and by whom: one speech, or one each of several people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.atomic_file import fingerprint
from lipwright.core.errors import UsageError
from lipwright.pipeline.render_job import read_speech

if TYPE_CHECKING:
    from lipwright.face.identities import Person
    from lipwright.face.speaker_selection import Speaker
    from lipwright.media.audio.mixer import Mix, Track
    from lipwright.media.audio.tracks import TrackChoice
    from lipwright.pipeline.captions import Captions
    from lipwright.pipeline.render_job import SpeechLike
    from lipwright.speech.speech import Speech

    SpeechInput = SpeechLike | Mapping[Any, SpeechLike]
    """What somebody says, or what each of several people says, by `SpeakerLike` keys.

    A mapping's keys are invariant: with `SpeakerLike` there, no `dict[int, Path]` would do.
    """


@dataclass(frozen=True)
class Dialogue:
    """Who says what; it lasts as long as the longest speech."""

    speakers: tuple[Speaker | None, ...]
    """None for the one who was chosen beforehand."""
    speeches: tuple[Speech, ...]
    """As many as there are speakers."""

    @classmethod
    def of(cls, said: SpeechInput, track: TrackChoice = None) -> Dialogue:
        """Return who says what; track: which of several sound tracks of files.

        Raises UsageError where nobody speaks, MediaError for what is no sound.
        """
        from lipwright.face.speaker_selection import Speaker

        if not isinstance(said, Mapping):
            return cls((None,), (read_speech(said, track),))
        if not said:
            raise UsageError("Nobody says anything: give at least one speaker a speech.")
        speakers = tuple(Speaker.of(speaker) for speaker in said)
        speeches = tuple(read_speech(speech, track) for speech in said.values())
        return cls(speakers, tuple(map(_whole, speeches)) if len(speeches) > 1 else speeches)

    @property
    def is_multi_speaker(self) -> bool:
        """Whether more than one person speaks."""
        return len(self.speeches) > 1

    @property
    def longest(self) -> Speech:
        """The speech that lasts longest."""
        return (
            max(self.speeches, key=lambda speech: speech.duration)
            if self.is_multi_speaker
            else (self.speeches[0])
        )

    @property
    def padded(self) -> tuple[Speech, ...]:
        """The speeches, each as long as the longest."""
        from lipwright.speech.padding import lengthen

        if not self.is_multi_speaker:
            return self.speeches
        duration = self.longest.duration
        return tuple(lengthen(speech, duration) for speech in self.speeches)

    @property
    def paths(self) -> tuple[Path | None, ...]:
        """The sound files that must not be written over."""
        return tuple(speech.path for speech in self.speeches)

    def cast(
        self, people: Sequence[Person], chosen: Callable[[], Person], name: str
    ) -> list[Person]:
        """Find who of the people in the picture or video `name` speaks, in the order of speeches.

        chosen: tells who speaks where the talk does not say it. Raises UsageError where one of
        them is to give two speeches, FaceError where somebody is not there.
        """
        from lipwright.face.speaker_selection import check_different, choose_person

        found = [
            chosen() if speaker is None else choose_person(people, speaker, name)
            for speaker in self.speakers
        ]
        check_different([(s, p) for s, p in zip(self.speakers, found, strict=True) if s])
        return found

    def sound(self, under: Track | None = None) -> Mix | None:
        """Return what is heard, where that is more than one speech; under: what lies under it."""
        from lipwright.media.audio.mixer import Mix, Track

        if not self.is_multi_speaker and under is None:
            return None
        tracks = [Track(speech) for speech in self.speeches]
        return Mix((*tracks, *([] if under is None else [under])))

    def fingerprints(self) -> list[str]:
        """Return what tells this talk from others: a digest of each speech."""
        return [_digest(speech) for speech in self.speeches] if self.is_multi_speaker else []


def check_captions(captions: Captions | None, talk: Dialogue) -> None:
    """Raise UsageError where several people speak: captions do not tell them apart."""
    if captions and talk.is_multi_speaker:
        raise UsageError("Captions show what one person says: leave them out where several speak.")


def _whole(speech: Speech) -> Speech:
    """A speech that is spoken to its end."""
    from lipwright.speech.streaming import StreamingSpeech

    return speech.result() if isinstance(speech, StreamingSpeech) else speech


def _digest(speech: Speech) -> str:
    from hashlib import sha256

    if speech.path is not None:
        return fingerprint(speech.path)
    digest = sha256()
    for block in speech.blocks(speech.rate):
        digest.update(block.tobytes())
    return digest.hexdigest()
