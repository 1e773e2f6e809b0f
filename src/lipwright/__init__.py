"""A portrait and a voice in, a lip-synced video out: offline, on a plain CPU.

    import lipwright

    lipwright.sync("face.jpg", "speech.wav", "talking.mp4")

    speech = lipwright.synthesize("Namaste! How are you?", voice="anika")
    portrait = lipwright.Portrait("face.jpg", quality="medium")
    for frame in portrait.frames(speech, fps=25):  # BGR uint8 (height, width, 3)
        ...

Everything that can go wrong raises a `LipwrightError` whose message is one sentence: what was
wrong, and what to do. What `__all__` names, here and in `PUBLIC_MODULES`, is public and changes as
the versions say; everything else may change at any time.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lipwright.core import telemetry
from lipwright.core.cancellation import CancelToken
from lipwright.core.errors import (
    Cancelled,
    EngineError,
    FaceError,
    LipwrightError,
    MediaError,
    MissingExtraError,
    ModelError,
    UsageError,
    VoiceError,
)
from lipwright.core.secrets import guard_log
from lipwright.core.version import __version__
from lipwright.pipeline.captions.options import Captions
from lipwright.pipeline.options import RenderOptions, SyncResult
from lipwright.pipeline.portrait import Portrait
from lipwright.pipeline.prepared_source import TimedFrame
from lipwright.pipeline.provenance_options import Provenance
from lipwright.pipeline.sync import render_frames, render_timed_frames, sync
from lipwright.pipeline.video import Video

if TYPE_CHECKING:
    from lipwright import aio as aio
    from lipwright import speech as speech
    from lipwright.evaluation import Evaluation as Evaluation
    from lipwright.evaluation import evaluate as evaluate
    from lipwright.pipeline.live.begin import live as live
    from lipwright.speech import Voice as Voice
    from lipwright.speech import begin_speech as begin_speech
    from lipwright.speech import synthesize as synthesize
    from lipwright.speech.speech import Speech as Speech
    from lipwright.speech.streaming import StreamingSpeech as StreamingSpeech

logging.getLogger("lipwright").addHandler(logging.NullHandler())  # prints nothing by itself
telemetry.switch_off()
guard_log(logging.getLogger("lipwright"))

__all__ = [
    "CancelToken",
    "Cancelled",
    "Captions",
    "EngineError",
    "Evaluation",
    "FaceError",
    "LipwrightError",
    "MediaError",
    "MissingExtraError",
    "ModelError",
    "Portrait",
    "Provenance",
    "RenderOptions",
    "Speech",
    "StreamingSpeech",
    "SyncResult",
    "TimedFrame",
    "UsageError",
    "Video",
    "Voice",
    "VoiceError",
    "__version__",
    "begin_speech",
    "evaluate",
    "live",
    "render_frames",
    "render_timed_frames",
    "sync",
    "synthesize",
]

PUBLIC_MODULES = ("aio", "speech")
"""Modules whose `__all__` is public as well: `lipwright.aio` and `lipwright.speech`."""

_LAZY = {
    "Evaluation": "lipwright.evaluation",
    "Speech": "lipwright.speech.speech",
    "StreamingSpeech": "lipwright.speech.streaming",
    "Voice": "lipwright.speech",
    "begin_speech": "lipwright.speech",
    "evaluate": "lipwright.evaluation",
    "live": "lipwright.pipeline.live.begin",
    "synthesize": "lipwright.speech",
}
"""Names whose modules import numpy: fetched at first use, so that `import lipwright` stays fast."""


def __getattr__(name: str) -> Any:
    if name in PUBLIC_MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__) | set(PUBLIC_MODULES))
