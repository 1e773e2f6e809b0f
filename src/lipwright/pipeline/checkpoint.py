"""The finished parts of a long recording, kept beside it so that a run that broke off can go on.

They stand in a hidden folder beside the recording: each part a video of its own without sound,
there under its name only when it is whole, with a note about it; and the plan, which says of what
they are parts.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lipwright.core.atomic_file import atomic_write, cannot_write
from lipwright.core.errors import UsageError
from lipwright.media.video.containers import Container, container_for

log = logging.getLogger("lipwright")

PLAN = "plan.json"
LEFTOVERS = ".*.part*"
"""What a run that was killed was writing."""


@dataclass(frozen=True)
class Checkpoint:
    """A finished part."""

    path: Path
    frames: int
    counts: Mapping[str, int]
    """What was counted in its frames, by name."""
    heard: str | None = None
    """A digest of the speech from the beginning to the part's end, where that may change."""


class CheckpointStore:
    """The parts of the recording `output`, in order, all but the last of the same length."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.folder = output.with_name(f".{output.name}.parts")
        self.finished: list[Checkpoint] = []
        """Those that are whole, from the first on without a gap."""

    @property
    def frames(self) -> int:
        """How many frames are finished."""
        return sum(part.frames for part in self.finished)

    @property
    def kind(self) -> Container:
        """How a part is encoded: as the recording, in a container that takes everything."""
        whole = container_for(self.output)
        return replace(whole, muxer="matroska", audio_codec=None, options=(), subtitle_codec=None)

    def begin(self, plan: Mapping[str, str]) -> None:
        """Make an empty folder for parts of the recording that `plan` describes.

        Raises MediaError where it cannot be written.
        """
        if self._path(0).exists():
            log.info(
                "What an earlier run had finished of %s is replaced: resuming would have kept it.",
                self.output,
                extra={"option": "resume"},
            )
        self.remove()
        try:
            self.folder.mkdir(exist_ok=True)
            _write_json(self._plan, {"plan": dict(plan)})
        except OSError as error:
            raise cannot_write(self.output, error) from error
        except BaseException:  # MediaError, or somebody stops the run just now
            self.remove()
            raise

    def planned(self) -> dict[str, str]:
        """Return what an earlier run was to make, by name; {} where none has left anything."""
        then = _read_json(self._plan).get("plan")
        return then if isinstance(then, dict) else {}

    def load(self, plan: Mapping[str, str]) -> bool:
        """Find what an earlier run has finished of the same recording; whether there is any.

        Raises UsageError where there are parts of something else.
        """
        then = self.planned()
        if not then:
            log.info(
                "There is nothing to resume: no unfinished run has left parts of %s, so it begins.",
                self.output,
                extra={"option": "resume"},
            )
            return False
        changed = [name for name in {**then, **plan} if then.get(name) != plan.get(name)]
        if changed:
            raise UsageError(
                f"{self.output} cannot be resumed, for the run that broke off differs in "
                f"{_listed(changed)}: ask for the same again, or begin anew without resuming.",
                option="resume",
            )
        for leftover in self.folder.glob(LEFTOVERS):
            leftover.unlink(missing_ok=True)
        self.finished = []
        while (part := self._read(len(self.finished))) is not None:
            self.finished.append(part)
        return True

    def next_path(self) -> Path:
        """Return where the part after those that are finished is to be written."""
        return self._path(len(self.finished))

    def record(self, part: Checkpoint) -> None:
        """Say what a part holds; to be called just before it is there under its name."""
        record = {"frames": part.frames, "counts": dict(part.counts), "heard": part.heard}
        _write_json(part.path.with_suffix(".json"), record)

    def remove(self) -> None:
        """Delete all parts, and the folder unless something else is in it."""
        try:
            for pattern in (PLAN, "part-*", LEFTOVERS):
                for path in self.folder.glob(pattern):
                    path.unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()
        except OSError as error:
            raise cannot_write(self.folder, error) from error

    @property
    def _plan(self) -> Path:
        return self.folder / PLAN

    def _path(self, number: int) -> Path:
        return self.folder / f"part-{number:05}.mkv"

    def _read(self, number: int) -> Checkpoint | None:
        """The part with that number if it is there and whole."""
        from lipwright.media.video.concat import count_frames

        path = self._path(number)
        record: dict[str, Any] = _read_json(path.with_suffix(".json"))
        if not {"frames", "counts", "heard"} <= record.keys():
            return None
        return Checkpoint(path, **record) if count_frames(path) == record["frames"] else None


def _listed(names: list[str]) -> str:
    """List names as "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _write_json(path: Path, content: Mapping[str, object]) -> None:
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _read_json(path: Path) -> dict[str, object]:
    """What a file of ours holds; nothing where it is not there or was damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
