"""Why frames of a video stay as they were."""

from __future__ import annotations

from enum import StrEnum


class LeftAlone(StrEnum):
    """A reason for which nothing is drawn in a frame."""

    NO_FACE = "no_face"
    """No face is seen."""
    TOO_SMALL = "too_small"
    """The only faces seen are too small."""
    OTHER_PERSON = "other_person"
    """Faces are seen, but nobody's who speaks."""
    MOUTH_OUTSIDE = "mouth_outside"
    """The face of a speaker is seen, but the mouth is outside the picture."""
    MOUTH_COVERED = "mouth_covered"
    """Something is before the mouth of a speaker, such as a hand."""


NOBODY = (LeftAlone.OTHER_PERSON, LeftAlone.TOO_SMALL, LeftAlone.NO_FACE)
"""The reasons for which nobody who speaks is seen, the one that says most first."""
EXPLANATIONS = {
    LeftAlone.NO_FACE: "No face is seen in %d frames: they are as they were.",
    LeftAlone.TOO_SMALL: (
        "The faces in %d frames are too small, less than 64 px high: they are as they were."
    ),
    LeftAlone.OTHER_PERSON: (
        "Only faces of people who do not speak are seen in %d frames: they are as they were."
    ),
    LeftAlone.MOUTH_OUTSIDE: (
        "The mouth of a speaker is outside the picture in %d frames: it is as it was."
    ),
    LeftAlone.MOUTH_COVERED: (
        "Something is before the mouth of a speaker in %d frames: it is as it was."
    ),
}
"""Sentences for people, with a place for the number of frames."""
