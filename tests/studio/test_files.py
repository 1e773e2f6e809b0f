"""The studio's files, read without a browser."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "src/lipwright/server/studio"
SCRIPTS = sorted(FOLDER.rglob("*.js"))
TEXTS = [path for path in FOLDER.rglob("*") if path.suffix in {".js", ".css", ".html", ".svg"}]


def name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def strings(language: str) -> dict[str, str]:
    text = (FOLDER / f"strings/{language}.js").read_text(encoding="utf-8")
    found = re.findall(r'^  "([^"]+)": ("(?:[^"\\]|\\.)*"),$', text, re.MULTILINE)
    assert len(found) == text.count('":'), "one string a line"
    return {key: json.loads(value) for key, value in found}


def test_there_are_many_small_files():
    assert len(SCRIPTS) > 20
    for path in TEXTS:
        assert len(path.read_text(encoding="utf-8").splitlines()) < 300, name(path)


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_no_file_makes_markup_of_data_or_asks_another_host(path):
    text = path.read_text(encoding="utf-8")
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert re.findall(forbidden, text) == []
    hosts = set(re.findall(r"(?:https?|wss?)://[^\s\"'`]+", text))
    assert hosts <= {"http://www.w3.org/2000/svg"}


def test_both_languages_say_everything():
    english, hindi = strings("en"), strings("hi")
    own = {key for key in hindi if key.startswith("accent.")}  # the server's words are English
    assert set(english) == set(hindi) - own
    for key, text in english.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", hindi[key])), key


def test_every_string_that_is_used_is_there():
    known = set(strings("en"))
    used = set()
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r"""\bt\(\s*["']([\w.]+)["']""", text))
        used |= set(re.findall(r'data-t(?:-label|-placeholder)?"?[=:]\s*"([\w.]+)"', text))
    assert len(used) > 80
    assert used - known == set()


def test_the_offline_shell_holds_every_file():
    worker = (FOLDER / "service_worker.js").read_text(encoding="utf-8")
    listed = set(re.findall(r'"([\w./-]+\.\w+)"', worker.split("];", 1)[0]))
    outside = {"index.html", "service_worker.js", "icons/icon-512.png", "icons/maskable-512.png"}
    assert listed | outside == {name(path) for path in FOLDER.rglob("*") if path.is_file()}


def test_the_manifest_names_icons_of_their_sizes():
    manifest = json.loads((FOLDER / "manifest.webmanifest").read_text(encoding="utf-8"))
    for icon in manifest["icons"]:
        content = (FOLDER / icon["src"]).read_bytes()
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", content[16:24])
            assert f"{width}x{height}" == icon["sizes"]
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])


def test_scripts_import_only_what_is_there():
    for path in SCRIPTS:
        for target in re.findall(r'(?:from|import\()\s*"(\.[^"]+)"', path.read_text("utf-8")):
            assert (path.parent / target).is_file(), f"{name(path)} imports {target}"
