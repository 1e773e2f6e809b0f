"""What of the package is public, and that it never prints."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from importlib import import_module

import pytest

import lipwright
from tests.documentation import ROOT


def test_the_public_names_are_those_of_the_documentation():
    page = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    table = page.split("## What is public")[1].split("##")[0]
    rows = "\n".join(line for line in table.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", rows)) == set(lipwright.__all__)
    assert set(re.findall(r"lipwright\.(\w+)\.__all__", table)) == set(lipwright.PUBLIC_MODULES)


@pytest.mark.parametrize("module", ["", *(f".{name}" for name in lipwright.PUBLIC_MODULES)])
def test_public_names_are_there(module):
    found = import_module(f"lipwright{module}")
    for name in found.__all__:
        assert getattr(found, name) is not None
        assert name in dir(lipwright) or module
    assert len(set(found.__all__)) == len(found.__all__)


def test_modules_are_there_after_the_package_was_imported():
    code = "import lipwright; lipwright.speech.begin_speech; lipwright.aio.sync"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_warning_is_not_printed():
    code = "import logging, lipwright; logging.getLogger('lipwright').warning('hello')"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert said.stderr == said.stdout == b""
    handlers = logging.getLogger("lipwright").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)
