"""A person in one frame: what an engine sees, and where what it draws goes back."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lipwright.core.errors import FaceError
from lipwright.engines.base import CropSpec, FaceCrop, Patch
from lipwright.pipeline.compositing import Compositor, Pasted, make_compositor, paste_patch
from lipwright.pipeline.face_crops import crop_face

if TYPE_CHECKING:
    import numpy as np

    from lipwright.face.face import Face


class _Placed(NamedTuple):
    crop: FaceCrop
    compositor: Compositor


class FaceView:
    """One person in one picture, or in one frame of a video."""

    def __init__(
        self,
        image: np.ndarray,
        face: Face | None,
        crop: CropSpec | None,
        shot: int = 0,
        covered: float = 0.0,
    ) -> None:
        """Look at a face.

        Args:
            image: BGR uint8 (h, w, 3): the picture, or a window of the frame; not changed.
            face: in px of the image; None where it is not seen.
            crop: how the engine wants to see it; None for the whole image.
            shot: the number of the video's shot.
            covered: how near something is that comes before the mouth, [0, 1).
        """
        self.image, self.face, self.shot, self.covered = image, face, shot, covered
        self._spec = crop

    @property
    def crop(self) -> FaceCrop | None:
        """The face as the engine wants to see it; None where it does not, or cannot."""
        return None if self._placed is None else self._placed.crop

    def check(self) -> None:
        """Raise FaceError where the engine cannot see the face, or its mouth."""
        if self._spec is not None and self.face is not None:
            self.__dict__["_placed"] = self._place(self.face, self._spec)

    @property
    def compositor(self) -> Compositor | None:
        """What puts the crop back; None without one."""
        return None if self._placed is None else self._placed.compositor

    def paste(self, patch: Patch) -> Pasted:
        """Return what is new of `image`."""
        if patch.box is None and self._placed is not None:
            return self._placed.compositor.paste(patch.pixels)
        return paste_patch(self.image, patch)

    @cached_property
    def _placed(self) -> _Placed | None:
        """In a video a face may be on its way out of the picture, which is then left alone."""
        if self.face is None or self._spec is None:
            return None
        try:
            return self._place(self.face, self._spec)
        except FaceError:
            return None

    def _place(self, face: Face, spec: CropSpec) -> _Placed:
        cropped = crop_face(self.image, face, spec)
        compositor = make_compositor(self.image, cropped, face, spec)
        return _Placed(FaceCrop(cropped.pixels, compositor.rows), compositor)
