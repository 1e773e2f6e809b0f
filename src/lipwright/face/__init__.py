"""Faces in a picture: where they are, their landmarks, which way they look, which one speaks."""

from lipwright.face.face import Face
from lipwright.face.finder import FaceFinder, find_faces
from lipwright.face.speaker_selection import choose_face

__all__ = ["Face", "FaceFinder", "choose_face", "find_faces"]
