"""What `speed.py` gives to the command: a voice of a given length, a picture of a given size."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

FACE_PART = 0.5
"""Height of the face in that of the picture."""


def make_voice(path: Path, seconds: int, source: Path | None = None) -> Path:
    """The demo's script spoken over and over for exactly that long."""
    from lipwright.media.audio.decode import decode_blocks
    from lipwright.media.audio.wav_writer import write_wav

    rate = 44100
    if source is None:
        script = "lipwright/speech/assets/reminder.txt"
        text = Path(__file__).parents[1].joinpath("src", script).read_text(encoding="utf-8")
        import lipwright

        speech = lipwright.synthesize(text)
        samples, rate = speech.samples, speech.rate
    else:
        samples = np.concatenate(list(decode_blocks(source, rate)))
    write_wav(path, np.resize(samples, seconds * rate), rate)
    return path


def make_picture(path: Path, width: int, height: int) -> Path:
    """The demo's portrait on a canvas of this size, its face half as high as the canvas."""
    from lipwright.cli.demo import find_sample_portrait
    from lipwright.face import find_faces
    from lipwright.media.image.read import read_image

    image = read_image(find_sample_portrait())
    x0, y0, x1, y1 = find_faces(image)[0].box
    scale = FACE_PART * height / (y1 - y0)
    moved = np.array(
        [
            [scale, 0, width / 2 - scale * (x0 + x1) / 2],
            [0, scale, height / 2 - scale * (y0 + y1) / 2],
        ]
    )
    canvas = cv2.warpAffine(
        image, moved, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    cv2.imwrite(str(path), canvas)
    return path
