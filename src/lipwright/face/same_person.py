"""Tell whether two views of a video are of one person, by following the face between them.

Somebody in profile hardly resembles a picture of the same person from the front. Where both belong
to one shot, a face that is followed from one to the other is one person's all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lipwright.face.refinement import refine_face
from lipwright.face.tracker import is_near
from lipwright.media.video.cuts import find_cuts

if TYPE_CHECKING:
    from lipwright.face.face import Face
    from lipwright.face.finder import FaceFinder
    from lipwright.media.video.source import VideoSource

LONGEST = 1.0
"""Seconds between two views over which a face is followed."""
IN_ALL = 4.0
"""Seconds that are looked through for one video."""

Sighting = tuple[int, "Face"]
"""The number of a frame, and a face in it, in px."""


class FaceLinks:
    """Follows faces from one sampled frame to another, as far as the time for it goes."""

    def __init__(self, video: VideoSource, finder: FaceFinder) -> None:
        self._video, self._finder = video, finder
        self._left = IN_ALL * float(video.fps)
        """Frames."""

    def is_linked(self, first: Sighting, second: Sighting) -> bool:
        """Return whether the face of one view becomes that of a later one without a cut."""
        between = second[0] - first[0]
        if not 0 < between <= min(LONGEST * float(self._video.fps), self._left):
            return False
        self._left -= between
        numbers = range(first[0], second[0] + 1)
        face = first[1]
        for place, (frame, cut) in enumerate(find_cuts(self._video.sampled(numbers))):
            if cut:
                return False
            found = refine_face(self._finder, frame, face) if place else None
            if place and found is None:
                return False
            face = found.face if found is not None else face
        return is_near(face, second[1])
