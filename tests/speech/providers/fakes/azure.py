"""Azure AI Speech's WebSocket interface, after what the Speech SDK sends and reads."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web
from tests.speech.providers.fakes.sounds import hum, pcm16
from tests.speech.providers.fakes.websocket import TICKS, Turn, WebSocketServer, word_times

KEY = "0123456789abcdef0123456789abcdef"
PATH = "/tts/cognitiveservices/websocket/v1"
WORD_SECONDS, TAIL_SECONDS = 0.25, 0.5
VOICES = {"en-IN-NeerjaNeural", "en-US-JennyNeural", "hi-IN-SwaraNeural"}
VISEMES = {"m": 21, "b": 21, "p": 21, "a": 2, "n": 19, "s": 15, "t": 19, "e": 4, "r": 13}


class AzureServer(WebSocketServer):
    """Speaks each word in a third of a second: its first letter's shape, then its second's."""

    content_type = "audio/x-wav"
    rate = 24000
    visemes = True

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}{PATH}"

    def check_connection(self, request: web.Request) -> None:
        assert request.path == PATH
        assert re.fullmatch(r"[0-9a-f]{32}", request.headers["X-ConnectionId"])
        assert "Ocp-Apim-Subscription-Key" in request.headers

    def refuse(self, request: web.Request) -> web.Response | None:
        if request.headers["Ocp-Apim-Subscription-Key"] == KEY:
            return None
        return web.Response(status=401, text="Access denied due to invalid subscription key.")

    def refuse_turn(self, turn: Turn) -> str:
        return "" if turn.voice in VOICES else f"Unsupported voice {turn.voice}."

    def events(self, turn: Turn) -> list[dict[str, Any]]:
        audio = turn.config["synthesis"]["audio"]
        assert audio["outputFormat"] == "raw-24khz-16bit-mono-pcm"
        assert audio["metadataOptions"]["visemeEnabled"] is True
        assert audio["metadataOptions"]["wordBoundaryEnabled"] is True
        events = [_viseme(0.05, 0)]
        for word, start in zip(turn.words, word_times(turn.words), strict=True):
            events.append(_boundary(word, start, "WordBoundary"))
            for part, letter in enumerate(word.lower()[:2]):
                events.append(_viseme(start + part * WORD_SECONDS / 2, VISEMES.get(letter, 1)))
        end = 0.1 + 0.3 * len(turn.words)
        events += [_boundary(".", end, "PunctuationBoundary"), _viseme(end, 0)]
        if not self.visemes:
            events = [event for event in events if event["Type"] != "Viseme"]
        return [*events, {"Type": "SessionEnd", "Data": {"Offset": round(end * TICKS)}}]

    def sound(self, turn: Turn) -> bytes:
        return pcm16(hum(0.1 + 0.3 * len(turn.words) + TAIL_SECONDS, self.rate))


def _viseme(start: float, number: int) -> dict[str, Any]:
    data = {"Offset": round(start * TICKS), "VisemeId": number, "IsLastAnimation": True}
    return {"Type": "Viseme", "Data": data}


def _boundary(text: str, start: float, kind: str) -> dict[str, Any]:
    data = {
        "Offset": round(start * TICKS),
        "Duration": round(WORD_SECONDS * TICKS),
        "text": {"Text": text, "Length": len(text), "BoundaryType": kind},
    }
    return {"Type": "WordBoundary", "Data": data}
