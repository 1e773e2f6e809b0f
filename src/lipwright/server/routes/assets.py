"""Uploads: /v1/assets."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, Response

from lipwright.server.folder import new_id
from lipwright.server.ledger.assets import Asset, InUse
from lipwright.server.problems import Problem, not_found
from lipwright.server.routes.common import known_asset, problems, services
from lipwright.server.schemas import AssetAnswer, FacesAnswer
from lipwright.server.services import Services
from lipwright.server.uploads import receive_file

router = APIRouter(prefix="/v1/assets", tags=["uploads"])
Found = Annotated[Services, Depends(services)]
LEAST_FREE = 256 << 20
"""Bytes of the disk that stay free."""
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post(
    "", status_code=201, response_model=AssetAnswer, openapi_extra=FORM,
    responses=problems(408, 507),
)  # fmt: skip
async def upload(request: Request, found: Found) -> Any:
    """Upload a picture, a sound or a video: multipart/form-data with one file, `file`."""
    used, free = await asyncio.to_thread(lambda: (found.folder.used(), found.folder.free()))
    left = min(found.settings.storage_bytes - used, free - LEAST_FREE)
    if left <= 0:
        raise Problem(507, "The server has no room left: delete videos or uploads first.")
    name = new_id()
    path = found.folder.incoming / name
    try:
        most = min(found.settings.upload_bytes, left)
        label, size = await receive_file(request, path, most)
        seen = await found.looks.call("probe", path=str(path), labels={str(path): label})
        path.rename(found.folder.asset(name))
        asset = await asyncio.to_thread(found.assets.add, name, seen, label, size)
    finally:
        path.unlink(missing_ok=True)
    return asset.shown()


@router.get("/{id}", response_model=AssetAnswer, responses=problems(404))
def show(id: str, found: Found) -> Any:
    """What an upload is."""
    return known_asset(found, id).shown()


@router.get("/{id}/content", response_class=FileResponse, responses=problems(404, 416))
def content(id: str, found: Found) -> FileResponse:
    """The file itself, or parts of it (Range)."""
    asset = known_asset(found, id)
    return FileResponse(found.folder.asset(asset.id), media_type=asset.type)


@router.delete("/{id}", status_code=204, responses=problems(404, 409))
def delete(id: str, found: Found) -> Response:
    """Delete an upload that no video waits for."""
    try:
        if not found.assets.delete(id):
            raise not_found("upload")
    except InUse:
        raise Problem(
            409, "A video that is not finished needs this upload: cancel it first, or wait."
        ) from None
    found.folder.drop_asset(id)
    return Response(status_code=204)


@router.get("/{id}/faces", response_model=FacesAnswer, responses=problems(404))
async def faces(id: str, found: Found) -> Any:
    """Who is seen in a picture or a video, the largest first."""
    asset = await asyncio.to_thread(known_asset, found, id)
    _check_seen(asset)
    path = str(found.folder.asset(asset.id))
    return await found.looks.call(
        "faces", 300.0, path=path, kind=asset.kind, labels={path: asset.name}
    )


@router.get(
    "/{id}/preview", response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, **problems(404)},
)  # fmt: skip
async def preview(
    id: str,
    found: Found,
    sound: Literal["rest", "open", "round"] = "rest",
    speaker: Annotated[int, Query(ge=0, le=1000)] = 0,
    quality: Literal["low", "medium", "high"] = "low",
) -> Response:
    """A still of a portrait with the mouth of a sound."""
    asset = await asyncio.to_thread(known_asset, found, id)
    _check_seen(asset)
    if asset.kind != "image":
        raise Problem(422, f"{asset.name} is a video: stills are drawn of pictures only.")
    path, output = str(found.folder.asset(asset.id)), found.folder.temporary(".jpg")
    try:
        await found.looks.call(
            "still", 120.0, path=path, sound=sound, speaker=speaker, quality=quality,
            output=str(output), labels={path: asset.name},
        )  # fmt: skip
        data = await asyncio.to_thread(output.read_bytes)
    finally:
        output.unlink(missing_ok=True)
    return Response(data, media_type="image/jpeg")


def _check_seen(asset: Asset) -> None:
    if asset.kind == "audio":
        raise Problem(422, f"{asset.name} is a sound: give a picture or a video of a face.")
