"""Requests and answers, as they are checked and as /docs shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Id = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{22}$", description="An id of the server's.")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class WebhookRequest(_Request):
    """Whom to tell when a video has ended."""

    url: str = Field(max_length=2000, description="http or https, on a public address.")
    secret: str = Field(
        min_length=16, max_length=200, description="Signs what is sent (HMAC-SHA256)."
    )


class VideoRequest(_Request):
    """A video to be made: of a source, saying a recording or a text."""

    source: Id
    audio: Id | None = None
    text: str | None = Field(None, min_length=1)
    voice: str = Field("anika", max_length=200)
    rate: float = Field(1.0, ge=0.5, le=2.0)
    language: str | None = Field(None, max_length=40)
    options: dict[str, Any] = Field({}, max_length=64, description="See /v1/options.")
    name: str | None = Field(None, max_length=200, description="A label for lists.")
    webhook: WebhookRequest | None = None

    @model_validator(mode="after")
    def _one_speech(self) -> VideoRequest:
        if (self.audio is None) == (self.text is None):
            raise ValueError("give either audio or text, what shall be said")
        return self


class SpeechRequest(_Request):
    """A text to be spoken at once."""

    text: str = Field(min_length=1)
    voice: str = Field("anika", max_length=200)
    rate: float = Field(1.0, ge=0.5, le=2.0)
    language: str | None = Field(None, max_length=40)


class LoginRequest(_Request):
    """The server's token."""

    token: str = Field(max_length=1000)


class ProblemAnswer(BaseModel):
    """What went wrong, and what to do."""

    type: str
    title: str
    status: int
    detail: str
    option: str | None = None


class AssetAnswer(BaseModel):
    """An upload."""

    id: str
    kind: Literal["image", "audio", "video"]
    type: str
    name: str
    bytes: int
    width: int | None
    height: int | None
    duration: float | None
    created: float


class FaceAnswer(BaseModel):
    """A face that was found."""

    number: int
    box: list[float]
    yaw: float
    usable: bool


class FacesAnswer(BaseModel):
    """Who is seen, the largest first."""

    width: int
    height: int
    faces: list[FaceAnswer]


class Links(BaseModel):
    """Where more of a video is."""

    content: str | None
    poster: str | None
    events: str


class VideoAnswer(BaseModel):
    """A video that waits, is being made, or has ended."""

    id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float
    stage: str
    frames_done: int
    frames: int | None
    created: float
    started: float | None
    finished: float | None
    attempts: int
    error: str | None
    option: str | None
    name: str
    source: str
    audio: str | None
    voice: str | None
    text: str | None
    options: dict[str, Any]
    width: int | None
    height: int | None
    fps: str | None
    duration: float | None
    bytes: int | None
    left_alone: dict[str, int] | None
    links: Links


class VideosAnswer(BaseModel):
    """Some videos, the newest first; next: what `after` takes for those that follow."""

    videos: list[VideoAnswer]
    next: str | None


class OptionAnswer(BaseModel):
    """An option of videos."""

    name: str
    help: str
    kind: Literal["choice", "number", "text", "flag"]
    default: Any
    choices: list[str] | None = None


class OptionsAnswer(BaseModel):
    """What can be chosen of a video."""

    options: list[OptionAnswer]


class VoiceAnswer(BaseModel):
    """A voice that can speak now."""

    name: str
    language: str
    accent: str
    gender: str
    online: bool
    description: str


class VoicesAnswer(BaseModel):
    """The voices there are."""

    voices: list[VoiceAnswer]
