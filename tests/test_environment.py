"""docs/environment.md names the variables that are read, and no others."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

from tests.documentation import ROOT

PAGE = (ROOT / "docs/environment.md").read_text(encoding="utf-8")
NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
READERS = ("environ", "getenv", "read_key", "has_keys", "read_address")
"""What reads or sets a variable, by its last name."""
DECLARED = ("needs", "instead")
"""Arguments that name variables, of providers."""


def section(*titles: str) -> set[str]:
    """The variables in the first column of the tables of these sections."""
    parts = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    rows = "\n".join(part for part in parts if part.partition("\n")[0] in titles)
    cells = re.findall(r"^\| (`[^|]*) \|", rows, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def names_read(tree: ast.Module) -> set[str]:
    """The variables that a module reads or sets, through constants and loops over them too."""
    constants: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            constants[node.targets[0].id] = node.value
        elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Name):
            constants[node.target.id] = node.iter
    found: set[str] = set()
    for expression in asked(tree):
        found |= set(resolved(expression, constants, 4))
    return {name for name in found if NAME.fullmatch(name)}


def asked(tree: ast.Module) -> Iterator[ast.expr]:
    """What stands where the name of a variable is wanted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if any(word in ast.unparse(node.func) for word in READERS):
                yield from node.args
            yield from (word.value for word in node.keywords if word.arg in DECLARED)
        elif isinstance(node, ast.Subscript) and "environ" in ast.unparse(node.value):
            yield node.slice


def resolved(node: ast.expr, constants: dict[str, ast.expr], depth: int) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Tuple | ast.List):
        for part in node.elts:
            yield from resolved(part, constants, depth)
    elif isinstance(node, ast.Name) and node.id in constants and depth:
        yield from resolved(constants[node.id], constants, depth - 1)


def test_the_page_names_what_the_sources_read():
    sources = [*(ROOT / "src").rglob("*.py"), ROOT / "main.py", ROOT / "download_models.py"]
    read = set[str]()
    for path in sources:
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in (*READERS, *DECLARED)):
            read |= names_read(ast.parse(text))
    assert len(read) > 15
    assert section("lipwright", "Services that speak", "Set by lipwright") == read


def test_the_page_names_what_tests_and_benchmarks_read():
    folders = [ROOT / "benchmarks", ROOT / "tests"]
    texts = [path.read_text(encoding="utf-8") for f in folders for path in f.rglob("*.py")]
    used = set(re.findall(r"""["']+(LIPWRIGHT_[A-Z_]+)["']""", "\n".join(texts)))
    assert used - section("lipwright") == section("Tests and benchmarks")


def test_a_read_through_a_constant_or_a_loop_is_found():
    code = "A_KEY = 'X_Y'\nos.environ.get(A_KEY)\nfor n in ('B_C', 'D_E'): os.environ[n] = '1'"
    assert names_read(ast.parse(code)) == {"X_Y", "B_C", "D_E"}


def test_the_library_prints_nothing_of_its_own_accord():
    code = "import lipwright, logging; logging.getLogger('lipwright').warning('a warning')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
