"""The studio's files, as they lie in the package."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.types import Scope

FOLDER = Path(__file__).parent / "studio"
TYPES = {
    ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
    ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml", ".json":
    "application/json", ".woff2": "font/woff2", ".webp": "image/webp",
}  # fmt: skip


class StudioFiles(StaticFiles):
    """Gives files with an ETag, which browsers ask for again each time."""

    def __init__(self, folder: Path | None = None) -> None:
        """folder: None for the package's own."""
        for suffix, kind in TYPES.items():  # a system's own list may lack or misname them
            mimetypes.add_type(kind, suffix)
        super().__init__(directory=FOLDER if folder is None else folder, check_dir=False)
        self.config_checked = True  # without the folder there is no page, but still an API

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, 304 for one that the browser has. Raises HTTPException (404, 405)."""
        if any(part.startswith(".") for part in path.split("/") if part not in ("", ".")):
            raise HTTPException(404)
        return await super().get_response(path, scope)

    def file_response(
        self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return the answer for a file that is there."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Cache-Control"] = "no-cache"
        return answer
