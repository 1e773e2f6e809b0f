"""Short tasks of a worker: what a file is, whose faces it shows, a still, a spoken sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from lipwright.core.atomic_file import atomic_write
from lipwright.core.errors import FaceError, MediaError

Task = Callable[..., dict[str, Any]]
WIDEST_YAW = 30.0
"""Degrees: faces that are turned further are not animated well."""
LOWEST_FACE = 64
"""px of height."""


def run(message: dict[str, Any]) -> dict[str, Any]:
    """Do a task that the server names by "do". Raises what the library raises."""
    tasks: dict[str, Task] = {
        "probe": probe,
        "faces": faces,
        "still": still,
        "speak": speak,
        "check": check,
        "voices": voices,
        "options": options,
    }
    task = tasks[message["do"]]
    given = {name: value for name, value in message.items() if name not in ("do", "labels")}
    return task(**given)


def probe(path: str) -> dict[str, Any]:
    """Return kind, media type, size and length of a file, by its content alone.

    Raises MediaError for what is neither a picture nor a sound nor a video that can be used.
    """
    from PIL import Image

    from lipwright.media.image.read import check_size, is_image, opened
    from lipwright.media.video.source import is_video, open_video_source

    file = Path(path)
    if is_image(file):
        with opened(file) as picture:
            check_size(file, picture.size)
            kind, (width, height) = Image.MIME.get(picture.format or ""), picture.size
            turned = picture.getexif().get(0x0112, 1) >= 5
        width, height = (height, width) if turned else (width, height)
        return {"kind": "image", "type": kind or "image/*", "width": width, "height": height}
    if is_video(file):
        source = open_video_source(file)
        width, height = source.size
        found = {"width": width, "height": height, "duration": round(source.duration, 3)}
        return {"kind": "video", "type": _media_type(file, "video"), **found}
    duration = _sound_length(file)
    return {"kind": "audio", "type": _media_type(file, "audio"), "duration": duration}


def _sound_length(file: Path) -> float:
    from lipwright.media.audio.decode import probe_audio

    try:
        return round(probe_audio(file).duration, 3)
    except MediaError as error:
        raise MediaError(
            f"{file} is neither a picture nor a video nor a sound that can be read: give a JPEG, "
            "PNG or WebP, an MP4, MOV or WebM, or a WAV, MP3, M4A, FLAC or OGG."
        ) from error


def _media_type(file: Path, kind: str) -> str:
    """Return the media type of a file that FFmpeg reads."""
    from lipwright.media.safe_open import open_media

    with open_media(file) as container:
        names = container.format.name.split(",")
    known = {"mov": "mp4", "matroska": "webm", "ogg": "ogg", "wav": "wav", "mp3": "mpeg",
             "flac": "flac", "aac": "aac", "avi": "x-msvideo"}  # fmt: skip
    return f"{kind}/{next((known[name] for name in names if name in known), 'octet-stream')}"


def faces(path: str, kind: str) -> dict[str, Any]:
    """Return who is seen in a picture or a video: numbers, boxes in px, whether each can speak.

    Raises MediaError, or FaceError for a file without faces.
    """
    from lipwright.face import FaceFinder
    from lipwright.face.finder import is_turned
    from lipwright.face.identities import people_in_image, people_in_video
    from lipwright.media.image.read import read_image
    from lipwright.media.video.source import open_video_source

    if kind == "video":
        source = open_video_source(Path(path))
        people, (width, height) = people_in_video(source, FaceFinder()), source.size
    else:
        image = read_image(Path(path))
        people = people_in_image(image, FaceFinder().find(image, any_roll=True))
        height, width = image.shape[:2]
    found = [
        {
            "number": person.number,
            "box": [round(edge, 1) for edge in person.face.box],
            "yaw": round(person.face.pose[0], 1),
            "usable": not is_turned(person.face)
            and abs(person.face.pose[0]) <= WIDEST_YAW
            and person.height >= LOWEST_FACE,
        }
        for person in people
    ]
    return {"width": width, "height": height, "faces": found}


def still(path: str, sound: str, speaker: int, quality: str, output: str) -> dict[str, Any]:
    """Write a picture of a portrait with the mouth of a sound: rest, open or round (JPEG).

    Raises MediaError or FaceError.
    """
    import cv2
    import numpy as np

    from lipwright.speech.speech import Phone, Speech

    portrait = _portrait(path, Path(path).stat().st_mtime_ns, speaker, quality)
    spoken = {"rest": " ", "open": "ɑ", "round": "u"}[sound]
    rate = 8000
    phones = [Phone(0.0, 0.2, " "), Phone(0.2, 0.7, spoken), Phone(0.7, 0.9, " ")]
    speech = Speech.from_samples(np.zeros(round(0.9 * rate), np.float32), rate, phones)
    frames = portrait.frames(speech, fps=25, first=12)
    image = next(frames)
    made, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not made:
        raise MediaError("The still cannot be written as a JPEG: give another picture.")
    with atomic_write(Path(output)) as partial:
        partial.write_bytes(data.tobytes())
    return {"bytes": len(data)}


@lru_cache(maxsize=2)
def _portrait(path: str, changed: int, speaker: int, quality: str) -> Any:
    """A portrait made ready, kept for the next still of it."""
    from lipwright.pipeline.portrait import Portrait

    return Portrait(path, quality=quality, motion="still", speaker=speaker)


def speak(text: str, voice: str, rate: float, language: str | None, output: str) -> dict[str, Any]:
    """Write a spoken text as a WAV file. Raises VoiceError and others of `synthesize`."""
    from lipwright.media.audio.wav_info import MARKS
    from lipwright.media.audio.wav_writer import write_wav
    from lipwright.speech import synthesize

    speech = synthesize(text, voice, rate, language=language)
    write_wav(Path(output), speech.blocks(speech.rate), speech.rate, MARKS)
    return {"duration": speech.duration}


def check(
    options: dict[str, Any],
    kind: str,
    text: str | None = None,
    voice: str = "anika",
    rate: float = 1.0,
    language: str | None = None,
) -> dict[str, Any]:
    """Raise what the library says of an order before any of its work is done.

    kind: of the source, "image" or "video".
    """
    from lipwright.engines import ENGINES
    from lipwright.media.video.containers import check_holds_subtitles, container_for
    from lipwright.media.video.encoder_selection import choose_encoder
    from lipwright.server.worker.options import read_options
    from lipwright.speech import Voice
    from lipwright.speech.script.script import read_script

    wanted, extension = read_options(options)
    output = Path(f"video{extension}")
    choose_encoder(wanted.encoder, output, wanted.wants_gpu_encoder)
    if wanted.captions is not None and wanted.captions.subtitles:
        check_holds_subtitles(container_for(output))
    spec = ENGINES[str(wanted.engine)].spec if wanted.engine in ENGINES else None
    if spec is not None and kind not in spec.inputs:
        what = "pictures" if kind == "image" else "videos"
        raise FaceError(f'The engine "{spec.name}" animates no {what}: choose another one.')
    if text is not None:
        Voice(voice, rate=rate, language=language)
        read_script(text)
    return {"extension": extension}


def voices() -> dict[str, Any]:
    """Return the voices that can speak now."""
    from lipwright.speech.providers import PROVIDERS
    from lipwright.speech.voices import list_voices

    found = [
        {
            "name": voice.full_name,
            "language": voice.language,
            "accent": voice.accent,
            "gender": voice.gender,
            "online": PROVIDERS[voice.provider].online,
            "description": f"{voice.name}: {voice.accent}, {voice.licence}",
        }
        for voice in list_voices()
        if voice.installed
    ]
    return {"voices": found}


def options() -> dict[str, Any]:
    """Return what a client may choose of a video."""
    from lipwright.server.worker.options import offered

    return {"options": [one.shown(name) for name, one in offered().items()]}
