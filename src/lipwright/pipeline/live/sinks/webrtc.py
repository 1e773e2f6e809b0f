"""A viewer in a browser over WebRTC (extra "live"): one connection, one viewer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import MissingExtraError, UsageError
from lipwright.pipeline.live.frames import LiveFormat, LiveFrame, VideoCoding

if TYPE_CHECKING:
    from lipwright.pipeline.live.sinks.webrtc_tracks import PictureTrack, SoundTrack

MICROPHONE_RATE = 16_000  # Hz
CHANNEL = "control"
LARGEST_OFFER = 200_000
"""Characters; a browser's offer has some ten thousand."""
MESSAGES_KEPT = 256

Told = Callable[[str | bytes], Awaitable[None]]
Heard = Callable[[bytes, int], Awaitable[None]]


class WebRtcSink:
    """Sends the session to one peer: pictures and sound as tracks, words over a data channel.

    Call `answer` first: it decides how the pictures are coded. A peer that takes H.264 gets the
    session's own pictures; another gets VP8, which costs the processor more.
    """

    coding: VideoCoding = "h264"

    def __init__(
        self,
        ice_servers: Sequence[Mapping[str, Any]] = (),
        *,
        session: str = "",
        on_message: Told | None = None,
        on_sound: Heard | None = None,
    ) -> None:
        """Say who helps to connect; nothing is opened yet.

        Args:
            ice_servers: as a browser takes them: {"urls": "turn:...", "username", "credential"}.
            session: the session's id, for the first message.
            on_message: gets what the peer says over the channel "control".
            on_sound: gets the peer's microphone: mono int16 and its rate in Hz.
        """
        try:
            import aiortc
        except ImportError as error:
            raise MissingExtraError("WebRTC", "live") from error
        servers = [aiortc.RTCIceServer(**server) for server in ice_servers]
        # Without a configuration aiortc would ask a server on the internet.
        self._peer: Any = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=servers))
        self._on_message, self._on_sound = on_message, on_sound
        self._session, self._greeted = session, False
        self._form: LiveFormat | None = None
        self._codec = ""
        self._channel: Any = None
        self._senders: dict[str, Any] = {}
        self._pictures: PictureTrack | None = None
        self._sound: SoundTrack | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._messages: asyncio.Queue[str | bytes] = asyncio.Queue(MESSAGES_KEPT)
        self.ask_keyframe: Callable[[], None] = lambda: None
        """Called where a picture is wanted that needs none before it."""
        self.connected = asyncio.Event()
        """Set when the peer is connected."""
        self.lost = asyncio.Event()
        """Set when the peer has gone."""

    @property
    def dropped(self) -> int:
        """How many pictures the peer missed for a slow network."""
        return self._pictures.queue.dropped if self._pictures else 0

    async def answer(self, sdp: str, type: str = "offer") -> tuple[str, str]:
        """Take a peer's offer and return the answer and its type.

        Raises UsageError where the offer cannot be used.
        """
        import aiortc

        if type != "offer" or not 0 < len(sdp) <= LARGEST_OFFER:
            raise UsageError("The browser's offer of a connection cannot be read: send it anew.")
        self._listen()
        for kind in ("video", "audio"):
            if re.search(f"^m={kind} ", sdp, re.MULTILINE):
                self._prepare(kind)
        try:
            await self._peer.setRemoteDescription(aiortc.RTCSessionDescription(sdp, type))
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except Exception as error:  # aiortc raises whatever its parser stumbles over
            await self.close()
            raise UsageError(
                f"The browser's offer of a connection cannot be used ({error or 'malformed'})."
            ) from error
        answer = self._peer.localDescription
        codec = sent_codec(answer.sdp)
        if codec is None:
            await self.close()
            raise UsageError("The browser's offer has no video that it would receive.")
        self._codec = codec
        self.coding = "h264" if codec == "h264" else "bgr"
        return answer.sdp, answer.type

    def _prepare(self, kind: str) -> None:
        """Say what can be sent: nothing yet, and H.264 rather than VP8."""
        from aiortc import RTCRtpSender

        hears = kind == "audio" and self._on_sound is not None
        made = self._peer.addTransceiver(kind, direction="sendrecv" if hears else "sendonly")
        self._senders[kind] = made.sender
        if kind == "video":
            known = RTCRtpSender.getCapabilities("video").codecs
            made.setCodecPreferences(
                sorted(known, key=lambda codec: codec.mimeType != "video/H264")
            )
            # A peer that lost pictures asks for a keyframe; aiortc has no event for it.
            made.sender._send_keyframe = lambda: self.ask_keyframe()

    def _listen(self) -> None:
        peer = self._peer

        @peer.on("connectionstatechange")  # type: ignore[untyped-decorator]
        def changed() -> None:
            if peer.connectionState == "connected":
                self.connected.set()
            elif peer.connectionState in ("failed", "closed"):
                self.lost.set()

        @peer.on("datachannel")  # type: ignore[untyped-decorator]
        def opened(channel: Any) -> None:
            if channel.label == CHANNEL and self._channel is None:
                self._channel = channel
                channel.on("message", self._message)
                if self._on_message is not None:
                    self._start(self._hand_on(self._on_message))
                channel.on("close", self.lost.set)
                self._greet()

        @peer.on("track")  # type: ignore[untyped-decorator]
        def track(track: Any) -> None:
            if track.kind == "audio" and self._on_sound is not None:
                self._start(self._microphone(track))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _message(self, message: str | bytes) -> None:
        """Keep a message until it is its turn; a peer that sends faster than that is lost."""
        try:
            self._messages.put_nowait(message)
        except asyncio.QueueFull:
            self.lost.set()

    async def _hand_on(self, on_message: Told) -> None:
        while True:
            await on_message(await self._messages.get())

    async def _microphone(self, track: Any) -> None:
        """Hand on what the peer says, until it ends."""
        import av
        from aiortc.mediastreams import MediaStreamError

        assert self._on_sound is not None
        resampler = av.AudioResampler(format="s16", layout="mono", rate=MICROPHONE_RATE)
        with contextlib.suppress(MediaStreamError):
            while True:
                for block in resampler.resample(await track.recv()):
                    await self._on_sound(block.to_ndarray().tobytes(), MICROPHONE_RATE)

    async def open(self, form: LiveFormat) -> None:
        """Begin to send, as soon as the peer is connected."""
        from lipwright.pipeline.live.sinks.webrtc_tracks import PictureTrack, SoundTrack

        self._form = form
        as_packets = form.coding == "h264" and self.coding == "h264"
        self._pictures = PictureTrack(form, as_packets, lambda: self.ask_keyframe())
        self._sound = SoundTrack(form)
        for kind, track in (("video", self._pictures), ("audio", self._sound)):
            if kind in self._senders:
                self._senders[kind].replaceTrack(track)
        self._greet()

    def _greet(self) -> None:
        """Tell the peer of the session, as soon as there is one and it can be told."""
        form = self._form
        if form is None or self._greeted or self._channel is None:
            return
        self._greeted = True
        self._say(
            "ready",
            session=self._session,
            width=form.width,
            height=form.height,
            fps=f"{form.fps.numerator}/{form.fps.denominator}",
            rate=form.rate,
            codec=self._codec,
        )

    async def send(self, frame: LiveFrame) -> None:
        """Take a frame; before the peer is connected nobody waits for it."""
        if self._pictures is None or self._sound is None or not self.connected.is_set():
            return
        self._pictures.queue.put(frame)
        self._sound.put(frame.sound)

    async def interrupt(self) -> None:
        """Silence what is not yet sent."""
        if self._sound is not None:
            self._sound.silence()
        await self.tell("interrupted")

    async def tell(self, kind: str, **fields: object) -> None:
        """Send a text message over the data channel, once it is open."""
        self._say(kind, **fields)

    def _say(self, kind: str, **fields: object) -> None:
        if self._channel is not None and self._channel.readyState == "open":
            with contextlib.suppress(ConnectionError):
                self._channel.send(json.dumps({"type": kind, **fields}))

    async def close(self) -> None:
        """Close the connection and free what it holds."""
        if self._pictures is not None and self._sound is not None:
            self._pictures.queue.end(drop=True)
            self._sound.end()
        tasks = list(self._tasks)
        for task in tasks:
            if task is not asyncio.current_task():
                task.cancel()
        await self._peer.close()
        for track in (self._pictures, self._sound):
            if track is not None:
                track.stop()
        self.lost.set()


def sent_codec(answer: str) -> str | None:
    """Return how the video of an SDP answer is coded, in small letters; None where none is sent."""
    section = re.search(r"^m=video [1-9].*?(?=^m=|\Z)", answer, re.MULTILINE | re.DOTALL)
    if section is None or not re.search(r"^a=send(only|recv)", section[0], re.MULTILINE):
        return None
    number = section[0].split()[3]
    named = re.search(rf"^a=rtpmap:{number} (\w+)/", section[0], re.MULTILINE)
    return named[1].lower() if named else None
