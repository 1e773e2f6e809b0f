"""Faces in an image or a video: detection, landmarks, head pose, tracking, speaker selection."""

from lipwright.face.face import Face
from lipwright.face.finder import FaceFinder, find_faces
from lipwright.face.speaker_selection import choose_face

__all__ = ["Face", "FaceFinder", "choose_face", "find_faces"]
