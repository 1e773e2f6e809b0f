"""Errors as clients see them: application/problem+json (RFC 9457) with the library's sentences."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from lipwright.core.errors import LipwrightError

log = logging.getLogger("lipwright")

MEDIA_TYPE = "application/problem+json"
STATUS = {"MissingExtraError": 501, "ModelError": 503}
"""Of the library's errors; all others are the request's: 422."""
UNEXPECTED = "Something unexpected went wrong: the server's own log says more."


class Problem(Exception):
    """A request that is answered with an error.

    Args:
        status: the HTTP status.
        detail: one sentence, what was wrong and what to do.
        option: the field of the request that it is about.
        kind: the name of the library's error.
        headers: to be sent with it.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        option: str | None = None,
        kind: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.option = status, detail, option
        self.kind, self.headers = kind, dict(headers or {})

    @classmethod
    def of(cls, error: LipwrightError) -> Problem:
        """Return the problem that an error of the library is."""
        kind = type(error).__name__
        return cls(STATUS.get(kind, 422), str(error), option=error.option, kind=kind)

    @property
    def content(self) -> dict[str, Any]:
        """What is sent."""
        kind = "about:blank" if self.kind is None else f"urn:lipwright:{self.kind}"
        found = {
            "type": kind,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        return found if self.option is None else {**found, "option": self.option}

    def response(self) -> JSONResponse:
        """Return the answer."""
        return JSONResponse(self.content, self.status, self.headers, MEDIA_TYPE)


def busy(detail: str, seconds: float) -> Problem:
    """Return the problem of a server that has enough to do: try again after so many seconds."""
    return Problem(429, detail, headers={"Retry-After": str(max(1, round(seconds)))})


def not_found(what: str) -> Problem:
    """Return the problem of something, such as "video", that is not there."""
    return Problem(404, f"There is no such {what}: it was never made, or has been deleted.")


def problem_of_answer(answer: Mapping[str, Any]) -> Problem:
    """Return the problem that a worker tells of by "error", "detail" and "option"."""
    kind = answer["error"]
    if kind == "unexpected":
        return Problem(500, UNEXPECTED)
    return Problem(STATUS.get(kind, 422), answer["detail"], option=answer.get("option"), kind=kind)


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every error of an application as a problem."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return error.response()

    @app.exception_handler(LipwrightError)
    async def _library(request: Request, error: LipwrightError) -> Response:
        return Problem.of(error).response()

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return _of_validation(error).response()

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return _of_http(error).response()

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        return Problem(500, UNEXPECTED).response()


def _of_validation(error: RequestValidationError) -> Problem:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"] if part not in ("body", "query", "header", "path")]
    if first["type"] == "json_invalid":
        return Problem(400, "The request is no JSON that can be read: send an object.")
    said = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    where = ".".join(place)[:200]
    detail = f'"{where}" cannot be used: {said}.' if where else f"The request is wrong: {said}."
    return Problem(422, detail, option=where or None)


def _of_http(error: HTTPException) -> Problem:
    headers = error.headers or {}
    if error.status_code == 404:
        return Problem(404, "There is nothing here: /docs says what there is.", headers=headers)
    if error.status_code == 405:
        allowed = headers.get("Allow", headers.get("allow", "another one"))
        return Problem(405, f"This cannot be asked in this way: use {allowed}.", headers=headers)
    return Problem(error.status_code, str(error.detail).rstrip(".") + ".", headers=headers)
