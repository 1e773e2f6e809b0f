"""The engine `latentsync`: the mouth of 16 frames at a time drawn out of noise by LatentSync."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from lipwright.core.device import CPU, Device
from lipwright.core.errors import FaceError, MissingExtraError
from lipwright.core.rect import Box
from lipwright.engines.base import (
    Drawn,
    EngineSpec,
    Patch,
    PersonInImage,
    PersonInVideo,
    Window,
    WindowSpec,
)
from lipwright.engines.latentsync.audio_features import WhisperWindows
from lipwright.engines.latentsync.options import LatentSyncOptions

try:
    from lipwright.engines.latentsync.faces import SeenFaces
    from lipwright.engines.latentsync.official_image import cut_face, face_box
    from lipwright.engines.latentsync.pasting import (
        OfficialPaster,
        Paster,
        SoftPaster,
        StillOfficialPaster,
        soft_crop,
        still_matrix,
    )
    from lipwright.engines.latentsync.speed_estimate import SpeedEstimate
    from lipwright.engines.latentsync.window_drawing import WindowDrawer
except ImportError:
    pass
