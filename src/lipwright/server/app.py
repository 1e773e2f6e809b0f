"""The application: routes, guards and the studio's page, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from lipwright.core.version import __version__
from lipwright.server.access import Access
from lipwright.server.guard import Guard
from lipwright.server.metrics import Metrics
from lipwright.server.parts import Part, usual_parts
from lipwright.server.problems import add_problem_handlers
from lipwright.server.routes import assets, docs, events, login, service, videos
from lipwright.server.services import Services
from lipwright.server.settings import Settings
from lipwright.server.studio_files import StudioFiles

DESCRIPTION = "A portrait and a voice in, a lip-synced video out."


def create_app(settings: Settings, parts: Sequence[Part] | None = None) -> FastAPI:
    """Return the server's application, for any ASGI server with a single process.

    settings: what whoever runs it chooses. parts: what adds routes and work of its own; None for
    all there are. The folder is opened when the application starts; MediaError where it cannot be.
    """
    found = list(usual_parts() if parts is None else parts)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            services = Services.start(settings, metrics)
            stack.push_async_callback(services.stop)
            app.state.services = services
            for part in found:
                await part.start(services)
                stack.push_async_callback(part.stop)
            yield

    app = FastAPI(
        title="lipwright", version=__version__, description=DESCRIPTION, lifespan=lifespan,
        docs_url=None, redoc_url=None,
    )  # fmt: skip
    access = Access(settings, [path for part in found for path in part.open_paths])
    add_problem_handlers(app)
    for router in (service.router, login.make_router(settings, access), assets.router,
                   events.router, videos.router, docs.router):  # fmt: skip
        app.include_router(router)
    for part in found:
        for router in part.routers():
            app.include_router(router)
    app.state.studio = app.router.default = StudioFiles()
    app.add_middleware(Guard, settings=settings, access=access)
    return app
