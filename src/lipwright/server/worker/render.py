"""How a worker makes a video: resumed where it broke off, published whole by one renaming."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.atomic_file import atomic_write

if TYPE_CHECKING:
    from lipwright.core.cancellation import CancelToken
    from lipwright.pipeline.options import Progress, SyncResult

Say = Callable[[dict[str, Any]], None]
if TYPE_CHECKING:
    Make = Callable[[dict[str, Any], Path, Say, CancelToken], None]
TYPES = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime",
    ".mkv": "video/x-matroska", ".webm": "video/webm", ".gif": "image/gif",
}  # fmt: skip
LOCK_SECONDS = 30.0
"""How long a worker whose server has died may take to let go of a video."""
POSTER_WIDTH = 640
"""px at most."""
BEFORE_FRAMES = 0.05
"""Share of the progress that is made before the first frame."""


def render(
    message: dict[str, Any], say: Say, token: CancelToken, make: Make | None = None
) -> dict[str, Any]:
    """Make a video that the server asks for, and return what is known of it.

    message: "folder" of the video, paths of "source" and, without a text, "audio", and the
    "request" itself. say: takes {"stage", "done", "total", "progress"}. make: writes video, poster
    and, last, facts.json into a folder; None for the usual. Raises what `sync` raises.

    All is made in the folder "work" and then renamed to "done", so that a video which is there is
    whole, with its facts and its poster; one that is already there is not made again.
    """
    folder = Path(message["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    from filelock import FileLock

    with FileLock(folder / "lock", timeout=LOCK_SECONDS):
        done, work = folder / "done", folder / "work"
        if not done.exists():
            work.mkdir(exist_ok=True)
            if not (work / "facts.json").exists():
                (make or make_video)(message, work, say, token)
            token.check()
            work.rename(done)
        facts: dict[str, Any] = json.loads((done / "facts.json").read_text(encoding="utf-8"))
        return facts


def make_video(message: dict[str, Any], work: Path, say: Say, token: CancelToken) -> None:
    """Write a video, its poster and what is known of it into the folder `work`."""
    import lipwright
    from lipwright.server.worker.options import read_options

    request = message["request"]
    options, extension = read_options(request.get("options") or {})
    output = work / f"video{extension}"
    speech: Any = message.get("audio") or _speech(request, say)
    result = lipwright.sync(
        message["source"], speech, output, options, progress=_progress(say), cancel=token
    )
    _write_poster(output, work / "poster.jpg")
    facts = _facts(result, output)
    with atomic_write(work / "facts.json") as partial:
        partial.write_text(json.dumps(facts), encoding="utf-8")


def _speech(request: dict[str, Any], say: Say) -> Callable[[], Any]:
    def begin() -> Any:
        from lipwright.speech import begin_speech

        say({"stage": "speech", "done": 0, "total": 1, "progress": BEFORE_FRAMES})
        return begin_speech(
            request["text"], request["voice"], request["rate"], language=request.get("language")
        )

    return begin


def _progress(say: Say) -> Progress:
    def tell(stage: str, done: int, total: int) -> None:
        share = done / total if total else 0.0
        frames = stage == "frames"
        progress = BEFORE_FRAMES + (1 - BEFORE_FRAMES) * share if frames else BEFORE_FRAMES * share
        say({"stage": stage, "done": done, "total": total, "progress": min(progress, 0.999)})

    return tell


def _facts(result: SyncResult, output: Path) -> dict[str, Any]:
    return {
        "file": output.name,
        "type": TYPES[output.suffix],
        "width": result.width,
        "height": result.height,
        "fps": str(result.fps),
        "frames": result.frames,
        "made": result.frames - result.resumed,
        "duration": round(result.duration, 3),
        "seconds": round(result.seconds, 3),
        "bytes": output.stat().st_size,
        "left_alone": {reason: n for reason, n in result.left_alone.items() if n},
    }


def _write_poster(video: Path, poster: Path) -> None:
    """Write the first picture of a video as a JPEG."""
    import cv2

    from lipwright.media.safe_open import open_media

    with open_media(video) as container:
        image = next(container.decode(video=0)).to_ndarray(format="bgr24")
    scale = min(1.0, POSTER_WIDTH / image.shape[1])
    if scale < 1.0:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(poster), image, [cv2.IMWRITE_JPEG_QUALITY, 85])
