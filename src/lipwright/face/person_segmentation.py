"""Which pixels show a person: MediaPipe's selfie segmentation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from lipwright.face.networks import open_session

if TYPE_CHECKING:
    from lipwright.core.onnx import InferenceSession

SIDE = 256  # px of the network's input and output


class PersonSegmenter:
    """Segments the person nearest to the camera."""

    @cached_property
    def _session(self) -> InferenceSession:
        return open_session("person_segmentation.onnx", 0)

    def segment(self, picture: np.ndarray) -> np.ndarray:
        """Return how sure the network is of each place, float32 (256, 256) in [0, 1].

        picture: BGR uint8 (h, w, 3), which is stretched to the network's square. It sees people
        best where the head takes a fifth to a half of the height. Raises LipwrightError where the
        network is missing or altered.
        """
        small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        rgb = cv2.cvtColor(small, cv2.COLOR_BGR2RGB).astype(np.float32) / 255
        (answer,) = self._session.run(None, {"image": rgb[None]})
        seen: np.ndarray = answer.reshape(SIDE, SIDE)
        return seen
