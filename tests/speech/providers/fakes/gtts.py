"""Google Translate's voice as gTTS asks for it.

After the request code of gTTS 2.5 and the answers it parses: one remote procedure, jQ1olc, in a
batch, answered by lines of JSON behind a line that keeps scripts out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import parse_qs

import numpy as np
from tests.speech.providers.fakes.server import Answer, FakeServer, Request
from tests.speech.providers.fakes.sounds import hum, mp3

SECONDS_PER_CHARACTER = 0.05
PADDING_SECONDS = 0.4
RPC = "_/TranslateWebserverUi/data/batchexecute"


class FakeTranslate(FakeServer):
    """Hums 50 ms per character, with silence around it, as an MP3.

    Attributes:
        asked: (domain, language, text) of every request.
        rate: the rate of the MP3.
        empty: answer without sound, as for a language that has no voice.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, str]] = []
        self.rate = 24000
        self.empty = False
        self.encode: Callable[[np.ndarray, int], bytes] = mp3

    def translate_url(self, tld: str = "com", path: str = "") -> str:
        """What stands in for gtts.utils._translate_url, its only word on the address."""
        return f"{self.url}/{tld}/{path}"

    def answer(self, request: Request) -> Answer:
        domain, _, path = request.path.strip("/").partition("/")
        assert (request.method, path) == ("POST", RPC)
        assert request.headers["content-type"].startswith("application/x-www-form-urlencoded")
        assert request.headers["referer"] == "http://translate.google.com/"
        ((rpc,),) = json.loads(parse_qs(request.body.decode())["f.req"][0])
        name, parameter, nothing, kind = rpc
        assert (name, nothing, kind) == ("jQ1olc", None, "generic")
        text, language, slow, _ = json.loads(parameter)
        assert 0 < len(text) <= 100 and slow is None
        self.asked.append((domain, language, text))
        return Answer(body=self.reply(text), headers={"Content-Type": "application/json"})

    def reply(self, text: str) -> bytes:
        padding = np.zeros(int(PADDING_SECONDS * self.rate), np.float32)
        sound = hum(len(text) * SECONDS_PER_CHARACTER, self.rate)
        data = self.encode(np.concatenate((padding, sound, padding)), self.rate)
        payload = None if self.empty else json.dumps([base64.b64encode(data).decode()])
        line = json.dumps(
            [["wrb.fr", "jQ1olc", payload, None, None, None, "generic"], ["di", 64]],
            separators=(",", ":"),
        )
        return f')]}}\'\n\n{len(line)}\n{line}\n25\n[["e",4,null,null,{len(line)}]]\n'.encode()
