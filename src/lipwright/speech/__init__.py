"""Speech: text to a voice with exact phone times, or a recording."""

from __future__ import annotations

from lipwright.speech.base import Phone, Speech

__all__ = ["Phone", "Speech"]
