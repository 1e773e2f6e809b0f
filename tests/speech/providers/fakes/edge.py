"""Edge's read-aloud service, after what edge-tts sends and reads."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web
from tests.speech.providers.fakes.sounds import hum, mp3
from tests.speech.providers.fakes.websocket import TICKS, Turn, WebSocketServer, word_times

WORD_SECONDS = 0.25


class EdgeServer(WebSocketServer):
    """Speaks every word in a third of a second."""

    rate = 24000

    @property
    def url(self) -> str:
        """What replaces edge-tts's WSS_URL."""
        return f"ws://127.0.0.1:{self.port}/edge/v1?TrustedClientToken=6A5AA1D4"

    def check_connection(self, request: web.Request) -> None:
        assert request.path == "/edge/v1"
        assert re.fullmatch(r"[0-9a-f]{32}", request.query["ConnectionId"])
        assert re.fullmatch(r"[0-9A-F-]{64,81}", request.query["Sec-MS-GEC"])
        assert re.fullmatch(r"\d-[\d.]+", request.query["Sec-MS-GEC-Version"])
        assert request.headers["Origin"].startswith("chrome-extension://")
        assert request.headers["Cookie"].startswith("muid=")

    def events(self, turn: Turn) -> list[dict[str, Any]]:
        audio = turn.config["context"]["synthesis"]["audio"]
        assert audio["outputFormat"] == "audio-24khz-48kbitrate-mono-mp3"
        assert audio["metadataoptions"]["wordBoundaryEnabled"] == "true"
        assert re.fullmatch(r"Microsoft Server Speech .* \(\w\w-\w\w, \w+Neural\)", turn.voice)
        return [
            {
                "Type": "WordBoundary",
                "Data": {
                    "Offset": round(start * TICKS),
                    "Duration": round(WORD_SECONDS * TICKS),
                    "text": {
                        "Text": escape(word),
                        "Length": len(word),
                        "BoundaryType": "WordBoundary",
                    },
                },
            }
            for word, start in zip(turn.words, word_times(turn.words), strict=True)
        ]

    def sound(self, turn: Turn) -> bytes:
        return mp3(hum(0.1 + 0.3 * len(turn.words) + 0.8, self.rate), self.rate)
