"""Hooks of mkdocs: pages at the root of the repository become part of the site.

Links between pages are turned so that they lead to the pages of the site. A link to a file that is
no page, such as a source, becomes its name: the site stands by itself.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
ROOT_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "CODE_OF_CONDUCT.md": "code_of_conduct.md",
}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages of the root."""
    for source, page in ROOT_PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=turned(text, source)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turn the links of a page of docs/."""
    source = page.file.src_uri
    return markdown if source in ROOT_PAGES.values() else turned(markdown, f"docs/{source}")


def turned(text: str, source: str) -> str:
    """Return a page's text with links that are good in the site.

    source: the page's path from the root.
    """

    def turn(link: re.Match[str]) -> str:
        image, label, target = link.groups()
        if "://" in target or target.startswith("#"):
            return link[0]
        path, _, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        page = ROOT_PAGES.get(path) or path.removeprefix("docs/")
        if path not in ROOT_PAGES and not path.startswith("docs/"):
            return label
        return f"{image}[{label}]({page}{'#' + anchor if anchor else ''})"

    return LINK.sub(turn, text)
