"""/docs: the API as one plain page, which needs no script and nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>lipwright: the API</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/docs/style.css"></head><body><main>
<h1>lipwright: the API</h1>
<p>The same for programs: <a href="/openapi.json">openapi.json</a>. Where the server has a token,
send <code>Authorization: Bearer TOKEN</code>. Errors are <code>application/problem+json</code>.</p>
"""
STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 52rem; margin: auto; padding: 0 1rem 4rem }
code, pre { font: 0.9em ui-monospace, monospace; overflow-x: auto }
h2 { margin-top: 2.5rem } h2 b { color: #2563eb }
table { border-collapse: collapse } td { padding: 0.1rem 1rem 0.1rem 0; vertical-align: top }
"""


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The page."""
    spec = request.app.openapi()
    return HTMLResponse(HEAD + "".join(_operations(spec)) + "</main></body></html>")


@router.get("/docs/style.css")
def style() -> HTMLResponse:
    """How it looks."""
    return HTMLResponse(STYLE, media_type="text/css")


def _operations(spec: dict[str, Any]) -> Iterator[str]:
    for path, methods in spec["paths"].items():
        for method, what in methods.items():
            yield f"<h2><b>{method.upper()}</b> <code>{escape(path)}</code></h2>"
            yield f"<p>{escape(what.get('description', ''))}</p>"
            yield from _table("parameters", map(_parameter, what.get("parameters", [])))
            yield from _table("body", _body(what, spec))
            yield from _table("answers", _answers(what))


def _table(title: str, rows: Any) -> Iterator[str]:
    cells = [f"<tr><td><code>{escape(a)}</code></td><td>{escape(b)}</td></tr>" for a, b in rows]
    if cells:
        yield f"<h3>{title}</h3><table>{''.join(cells)}</table>"


def _parameter(one: dict[str, Any]) -> tuple[str, str]:
    return one["name"], f"{one['in']}: {_kind(one.get('schema', {}))}"


def _body(what: dict[str, Any], spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, content in what.get("requestBody", {}).get("content", {}).items():
        schema = _resolved(content["schema"], spec)
        for name, one in schema.get("properties", {}).items():
            needed = ", needed" if name in schema.get("required", ()) else ""
            yield name, f"{_kind(one)}{needed}. {one.get('description', '')} ({kind})"


def _answers(what: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for status, one in what.get("responses", {}).items():
        yield status, ", ".join(one.get("content", {})) or one.get("description", "")


def _resolved(schema: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = spec["components"]["schemas"][name] if name else schema
    return found


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return ", ".join(json.dumps(one) for one in schema["enum"])
    name = schema.get("$ref", "").rpartition("/")[2]
    return name or str(schema.get("type", "anything"))
