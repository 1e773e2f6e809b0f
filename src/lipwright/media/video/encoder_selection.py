"""Which video encoder a file gets, and which of them work here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

from lipwright.core.errors import UsageError
from lipwright.media.video.containers import container_for
from lipwright.media.video.encoder_presets import ENCODERS, Encoder
from lipwright.media.video.encoder_trial import Measure, encode_one, fastest

log = logging.getLogger("lipwright")

AUTO = "auto"

Reason = Callable[[Encoder], str]
"""Why an encoder cannot be used, as `unavailable_reason` tells."""


@cache
def unavailable_reason(encoder: Encoder) -> str:
    """Return why an encoder cannot be used here, in a few words; empty where it can.

    It is tried with one small picture: that FFmpeg knows a graphics card's encoder does not mean
    that there is a card, nor that the card encodes.
    """
    import av

    try:
        encode_one(encoder)
    except av.codec.codec.UnknownCodecError:
        return "FFmpeg was built without it"
    except (av.FFmpegError, ValueError, OSError) as error:
        if encoder.hardware:
            return f"it needs {encoder.hardware} that encodes {encoder.codec}, and its driver"
        return f"FFmpeg says: {error}"
    return ""


def choose_encoder(
    name: str,
    path: Path,
    gpu: bool = False,
    reason: Reason = unavailable_reason,
    timed: Measure | None = None,
) -> Encoder:
    """Return the encoder for a file at `path`, by FFmpeg's name or the short one, or "auto".

    "auto" takes the usual one of such a file, and with `gpu` one of a graphics card that works here
    and is faster; timed: how fast they are, as `encoder_trial.fastest` takes it.

    Raises UsageError for a name that does not exist, one that does not go into such a file, and
    one that does not work here.
    """
    kind = container_for(path)
    if kind.muxer == "gif":
        if name == AUTO:
            return ENCODERS["libx264"]  # of the file that the GIF is made from
        raise UsageError(
            f'{path} is encoded in the only way there is for GIFs: leave out "{name}".'
        )
    extension = path.suffix.lower()
    if name == AUTO:
        usual = ENCODERS[kind.video_codec]
        cards = [e for e in _cards(usual, extension) if not reason(e)] if gpu else []
        return fastest(usual, cards, timed)
    encoder = find_encoder(name)
    others = [e for e in ENCODERS.values() if extension in e.files and e != encoder]
    if extension not in encoder.files:
        software = [e.name for e in others if not e.hardware]
        raise UsageError(
            f'{path} cannot hold {encoder.codec} ("{name}"): end it in {_or(encoder.files)}, '
            f"or choose {_or([AUTO, *software])}."
        )
    if why := reason(encoder):
        works = [e.name for e in others if not reason(e)]
        raise UsageError(
            f'The encoder "{name}" does not work here ({why}): choose {_or([AUTO, *works])}.'
        )
    return encoder


def _cards(usual: Encoder, extension: str) -> list[Encoder]:
    """Return the encoders of graphics cards that may take the place of a file's usual one.

    They make the same codec, which players expect there; another one where none makes that.
    """
    fit = [e for e in ENCODERS.values() if e.hardware and extension in e.files]
    return [e for e in fit if e.codec == usual.codec] or fit


def check_encoder(name: str) -> None:
    """Raise UsageError for a name that is neither "auto" nor an encoder's."""
    if name != AUTO:
        find_encoder(name)


def find_encoder(name: str) -> Encoder:
    """Return the encoder of that name, FFmpeg's or the short one; raises UsageError for others."""
    for encoder in ENCODERS.values():
        if name.lower() in (encoder.name, encoder.short or encoder.name):
            return encoder
    raise UsageError(f'There is no encoder "{name}": choose {_or([AUTO, *ENCODERS])}.')


def tell_lost_shape(encoder: Encoder, path: Path, aspect: Fraction) -> None:
    """Say so where pixels are not square and the video cannot tell players that."""
    said = encoder.codec in ("H.264", "HEVC") or container_for(path).muxer in ("mp4", "mov")
    if aspect != 1 and not said:
        log.warning(
            "%s cannot say that pixels are %s times as wide as high, and looks stretched or "
            "squeezed: write an .mp4.",
            path,
            aspect,
        )


def _or(names: Sequence[str]) -> str:
    """List names as "a", "a or b", "a, b or c"."""
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def keeps_alpha(encoder: Encoder, path: Path) -> bool:
    """Return whether a file can be seen through; says so where it cannot."""
    kind = container_for(path)
    if encoder.alpha_pixels and kind.muxer != "mp4":
        return True
    log.info(
        "%s cannot be seen through, so the picture gets a background: write a .webm, or a .mov "
        'with the encoder "prores", to keep it transparent.',
        path,
    )
    return False
