"""Edge's read-aloud service, after what edge-tts sends and reads."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from aiohttp import web
from tests.speech.providers.fakes.sounds import hum
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
        rest = [np.zeros(round(seconds * self.rate), np.float32) for seconds in (0.1, 0.8)]
        hummed = hum(0.3 * len(turn.words), self.rate)
        return mp3_stream(np.concatenate((rest[0], hummed, rest[1])), self.rate)


def mp3_stream(samples: np.ndarray, rate: int) -> bytes:
    """Nothing but frames of 48 kbit/s, without the header in which LAME tells of its delay."""
    import av

    data = io.BytesIO()
    bare = {"write_xing": "0", "id3v2_version": "0"}
    with av.open(data, "w", format="mp3", options=bare) as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono")
        stream.bit_rate = 48_000
        frame = av.AudioFrame.from_ndarray(samples[None], "fltp", "mono")
        frame.rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return data.getvalue()
