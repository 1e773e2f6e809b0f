"""A camera that other programs see: the face in a call (extra "camera")."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

from lipwright.core.errors import MediaError, MissingExtraError
from lipwright.pipeline.live.frames import LiveFormat, LiveFrame, VideoCoding


class VirtualCameraSink:
    """Shows the session as a camera: v4l2loopback on Linux, OBS elsewhere.

    A camera has no sound: `sound` takes it, such as the pipe of a player whose output is the
    microphone of the call.
    """

    coding: VideoCoding = "bgr"

    def __init__(self, device: str | None = None, *, sound: BinaryIO | None = None) -> None:
        """Say which camera; nothing is opened yet.

        Args:
            device: such as "/dev/video10"; None takes the first there is.
            sound: gets mono little-endian int16; `close` closes it.
        """
        self._device, self._pipe = device, sound
        self._camera: Any = None
        self._form: LiveFormat | None = None
        self._thread = ThreadPoolExecutor(1, "lipwright-camera")
        self._busy: asyncio.Future[None] | None = None
        self._sound: Any = None
        self.dropped = 0
        """How many pictures came while the camera was still taking the one before."""

    async def open(self, form: LiveFormat) -> None:
        """Open the camera.

        Raises:
            MissingExtraError: pyvirtualcam is not installed.
            MediaError: there is no virtual camera on this machine.
        """
        from lipwright.pipeline.live.sinks.raw_pipe import RawPipeSink

        try:
            import pyvirtualcam
        except ImportError as error:
            raise MissingExtraError("A virtual camera", "camera") from error
        self._form = form
        loop = asyncio.get_running_loop()
        try:
            self._camera = await loop.run_in_executor(
                self._thread,
                lambda: pyvirtualcam.Camera(
                    width=form.width,
                    height=form.height,
                    fps=float(form.fps),
                    fmt=pyvirtualcam.PixelFormat.BGR,
                    device=self._device,
                ),
            )
        except RuntimeError as error:
            raise MediaError(
                f"There is no virtual camera to use ({_first_line(error)}): load v4l2loopback on "
                "Linux, or start the virtual camera of OBS once elsewhere."
            ) from error
        if self._pipe is not None:
            self._sound = RawPipeSink(None, self._pipe)
            await self._sound.open(form)

    async def send(self, frame: LiveFrame) -> None:
        """Show a frame. Raises MediaError where the camera fails."""
        if self._sound is not None:
            await self._sound.send(frame)
        if self._busy is not None and not self._busy.done():
            self.dropped += 1
            return
        if self._busy is not None and (error := self._busy.exception()) is not None:
            raise MediaError(f"The virtual camera failed ({_first_line(error)}).") from error
        if frame.picture and self._camera is not None:
            loop = asyncio.get_running_loop()
            self._busy = loop.run_in_executor(self._thread, self._show, frame.picture)

    def _show(self, picture: bytes) -> None:
        import numpy as np

        assert self._form is not None
        shape = (self._form.height, self._form.width, 3)
        self._camera.send(np.frombuffer(picture, np.uint8).reshape(shape))

    async def interrupt(self) -> None:
        """Do nothing: at most one picture waits."""

    async def close(self) -> None:
        """Give the camera back."""
        loop = asyncio.get_running_loop()
        if self._camera is not None:
            await loop.run_in_executor(self._thread, self._camera.close)
        if self._busy is not None and self._busy.done():
            self._busy.exception()  # told, or too late to tell
        self._thread.shutdown(wait=False)
        if self._sound is not None:
            await self._sound.close()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
