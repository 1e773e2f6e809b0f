"""How a browser is made known: /v1/login, and the address with the token."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from lipwright.server.access import NOBODY, Access, cookie_of
from lipwright.server.routes.common import problems
from lipwright.server.schemas import LoginRequest
from lipwright.server.settings import Settings
from lipwright.server.studio_files import StudioFiles


def make_router(settings: Settings, access: Access) -> APIRouter:
    """Return the routes of a server with or without a token."""
    router = APIRouter(tags=["service"])

    @router.post("/v1/login", status_code=204, responses=problems())
    async def login(given: LoginRequest, request: Request) -> Response:
        """Get a cookie for the server's token."""
        answer = Response(status_code=204)
        return _let_in(answer, given.token, request)

    def _let_in(answer: Response, token: str, request: Request) -> Response:
        if not access.is_token(token):
            raise NOBODY
        if settings.token is not None:
            secure = settings.secure or request.url.scheme == "https"
            answer.headers["Set-Cookie"] = cookie_of(settings.token, secure)
        return answer

    @router.get("/", include_in_schema=False)
    async def index(request: Request, token: str | None = None) -> Response:
        """The studio, or what makes the browser known and leads there without the token."""
        if token is not None:
            answer = Response(status_code=303, headers={"Location": "/"})
            return _let_in(answer, token, request)
        studio: StudioFiles = request.app.state.studio
        return await studio.get_response("index.html", request.scope)

    return router
