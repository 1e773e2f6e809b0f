"""One person's video: passages spoken and drawn, or taken from those for everybody, and joined."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lipwright.campaign.ledger import Made, Task
from lipwright.campaign.outputs import OutputStore
from lipwright.campaign.plan import CampaignPlan
from lipwright.campaign.repeats import Repeats
from lipwright.campaign.segments import (
    SegmentMaker,
    SharedSpeech,
    joined_speech,
    read_speech,
    write_speech,
)
from lipwright.campaign.template import Passage, read_template

if TYPE_CHECKING:
    from lipwright.campaign.lip_check import LipCheck
    from lipwright.campaign.read_back import ReadBack
    from lipwright.pipeline.portrait import Portrait
    from lipwright.speech.speech import Speech
    from lipwright.speech.voice import Voice


class VideoMaker:
    """Makes the videos of a campaign: portraits and voices stay ready from one to the next."""

    def __init__(self, plan: CampaignPlan, output: str, state: Path) -> None:
        """Open what all videos share.

        Args:
            plan: of the campaign.
            output: a folder or an address, where finished videos go.
            state: the campaign's own folder, where what is made for everybody is kept.
        """
        self._plan, self._state = plan, state
        self._store = OutputStore(output)
        self._repeats = Repeats(state / "work" / "repeats")
        self._template, self._digest = read_template(plan.script), plan.digest()
        self._portraits: dict[Path, Portrait] = {}
        self._voices: dict[tuple[str, str | None], Voice] = {}
        self._read_back: ReadBack | None = None

    def make(self, task: Task) -> Made:
        """Make the video of a row and put it to its place.

        Raises LipwrightError where it cannot be made, FieldFault for values that cannot be spoken.
        """
        from lipwright.campaign.receipts import Receipts

        began, processor = time.perf_counter(), time.process_time()
        row = task.person
        voice = self._voice(row)
        passages = self._passages(row, voice)
        (self._state / "work").mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._state / "work", prefix=f"{task.number}-") as folder:
            made = Path(folder) / f"made{Path(task.output).suffix}"
            speeches = [
                self._speech(passage, voice, Path(folder) / f"{number}.npz")
                for number, passage in enumerate(passages)
            ]
            speech, faults = self._draw(row, passages, speeches, made)
            faults += self._not_heard(passages, speeches, language_of(voice))
            receipt = Made(
                duration=speech.duration,
                seconds=round(time.perf_counter() - began, 3),
                processor=round(time.process_time() - processor, 3),
                bytes=made.stat().st_size,
                characters=sum(len(one.text) for one in passages if one.personal),
                review="; ".join(faults),
            )
            Receipts(self._state).write(task, receipt)
            self._store.put(made, task.output)
        return receipt

    def passage_speech(self, row: Mapping[str, str], passage: Passage) -> Speech:
        """Return a passage as it is spoken to a person."""
        return self._speak(passage, self._voice(row))

    def _passages(self, row: Mapping[str, str], voice: Voice) -> list[Passage]:
        passages = self._template.passages(row, language_of(voice))
        if self._plan.reuse == "nothing":
            text = "".join(passage.text for passage in passages)
            values = tuple(value for passage in passages for value in passage.values)
            return [Passage(text, True, values)]
        return passages

    def _draw(
        self,
        row: Mapping[str, str],
        passages: list[Passage],
        speeches: list[Speech],
        made: Path,
    ) -> tuple[Speech, list[str]]:
        """Write the video of all passages; returns what is heard in it, and faults of the lips."""
        from lipwright.media.video.concat import join_parts
        from lipwright.media.video.encoder_selection import choose_encoder

        fps = self._plan.frame_rate
        speech = joined_speech(speeches, fps)
        portrait = self._portrait(self._plan.image_of(row))
        encoder = choose_encoder(portrait.options.encoder, made)
        maker = SegmentMaker(
            portrait, encoder, self._state / "segments", self._segment_key(row), fps
        )
        if self._plan.reuse != "segments":
            passages, speeches = [Passage(speech.transcript, True)], [speech]
        paths, faults = [], []
        for place, (passage, said) in enumerate(zip(passages, speeches, strict=True)):
            if not passage.personal:
                paths.append(maker.shared(passage.text, said).path)
                continue
            paths.append(made.with_name(f"{place}.mkv"))
            faults += self._draw_personal(maker, passage, said, paths[-1])
        join_parts(paths, made, fps, speech, tag=encoder.tag, metadata=self._metadata())
        return speech, faults

    def _draw_personal(
        self, maker: SegmentMaker, passage: Passage, said: Speech, place: Path
    ) -> list[str]:
        """Write the video of a passage for one person; returns faults of the lips."""
        check = self._lip_check(maker.portrait, said)
        repeats = self._plan.reuse == "segments" and check is None  # a check looks at each
        fields, key = passage.fields, f"{maker.key} {passage.text}"
        if repeats and self._repeats.take(fields, key, place):
            return []
        maker.make(passage.text, said, place, check)
        if repeats:
            self._repeats.keep(fields, key, place)
        return [] if check is None else check.faults()

    def _lip_check(self, portrait: Portrait, speech: Speech) -> LipCheck | None:
        if not self._plan.read_back:
            return None
        from lipwright.campaign.lip_check import LipCheck

        return LipCheck(portrait.face, speech, self._plan.frame_rate)

    def _speech(self, passage: Passage, voice: Voice, place: Path) -> Speech:
        """The speech of a passage. place: a file of this video for it."""
        if not passage.personal or self._plan.reuse == "nothing":
            return self._speak(passage, voice)
        fields, key = passage.fields, f"{self._speech_key(voice)} {passage.text}"
        if self._repeats.take(fields, key, place):
            return read_speech(place, passage.text)
        speech = self._speak(passage, voice)
        write_speech(speech, place)
        self._repeats.keep(fields, key, place)
        return speech

    def _speech_key(self, voice: Voice) -> str:
        return repr((voice.name, voice.rate, voice.language, self._plan.fps))

    def _speak(self, passage: Passage, voice: Voice) -> Speech:
        fps = self._plan.frame_rate

        def speak(text: str) -> Speech:
            if self._template.ssml:
                return voice.synthesize(without_places(text), markup="ssml")
            return voice.synthesize(without_places(text.strip()), markup="plain")

        shared = SharedSpeech(self._state / "segments", f"speech {self._speech_key(voice)}", speak)
        return shared.new(passage.text, fps) if passage.personal else shared.get(passage.text, fps)

    def _segment_key(self, row: Mapping[str, str]) -> str:
        plan = self._plan
        return f"{self._digest} {plan.image_of(row)} {plan.voice_of(row)} {plan.language_of(row)}"

    def _not_heard(
        self, passages: list[Passage], speeches: list[Speech], language: str
    ) -> list[str]:
        """What a recogniser does not hear as asked; it knows English alone."""
        if not self._plan.read_back or not language.startswith("en"):
            return []
        if self._read_back is None:
            from lipwright.campaign.read_back import ReadBack

            self._read_back = ReadBack()
        return [
            difference
            for passage, speech in zip(passages, speeches, strict=True)
            if passage.personal
            for difference in self._read_back.differences(passage, speech)
        ]

    def _metadata(self) -> dict[str, str]:
        from lipwright.media.video.provenance import COMMENT

        return {"comment": f"{COMMENT} Campaign: {self._plan.name}."}

    def _portrait(self, path: Path) -> Portrait:
        if path not in self._portraits:
            from lipwright.pipeline.portrait import Portrait

            self._portraits[path] = Portrait(path, workers=1, **self._plan.options)
        return self._portraits[path]

    def _voice(self, row: Mapping[str, str]) -> Voice:
        name, language = self._plan.voice_of(row), self._plan.language_of(row)
        if (name, language) not in self._voices:
            from lipwright.speech.voice import Voice

            voice = Voice(name, rate=self._plan.rate, language=language, cache=False)
            self._voices[name, language] = voice
        return self._voices[name, language]


def without_places(text: str) -> str:
    """Return a text whose braces are spoken of as braces: its places are filled already."""
    return text.replace("{", "{{").replace("}", "}}")


def language_of(voice: Voice) -> str:
    """Return the BCP 47 tag that a voice speaks."""
    from lipwright.speech.voices import parse_language, parse_voice

    return parse_language(voice.language, parse_voice(voice.name, voice.language))
