"""Every public function that takes or gives arrays says of which shape and type they are."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src/lipwright"
ROOMS = sorted({path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")})
"""Folders of the package, each checked without its subfolders."""

DIMENSION = (
    r"(?:\d+|\.\.\.|[A-Za-z]|[A-Z][A-Z_]+|height|width|size|rows|columns|channels|frames|clips|lags"
    r"|bands|bins|length|window)(?: (?:[*/+-]|//) \d+)*"
)
SHAPE = re.compile(rf"\({DIMENSION},(?: {DIMENSION})?(?:, {DIMENSION})*\)")
DTYPE = re.compile(r"\b(u?int(8|16|32|64)|float(16|32|64)|complex(64|128)|bool)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def missing(source: str) -> list[str]:
    """Name each public function of a module that is silent about its arrays, with what it lacks."""
    found = []
    for name, function, docs in _public_functions(ast.parse(source).body, "", ""):
        if not _takes_arrays(function):
            continue
        lacks = [
            what
            for what, there in (("shape", _has_shape(docs)), ("dtype", bool(DTYPE.search(docs))))
            if not there
        ]
        if lacks:
            found.append(f"{name}: no {' and no '.join(lacks)}")
    return found


def _public_functions(
    body: list[ast.stmt], prefix: str, docs: str
) -> Iterator[tuple[str, Function, str]]:
    """Yield each public function and method with its name, docstring and that of its class."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            own = f"{docs}\n{ast.get_docstring(node) or ''}"
            yield from _public_functions(node.body, f"{prefix}{node.name}.", own)
        if isinstance(node, Function) and (
            node.name in ("__init__", "__call__") or not node.name.startswith("_")
        ):
            yield prefix + node.name, node, f"{docs}\n{ast.get_docstring(node) or ''}"


def _takes_arrays(function: Function) -> bool:
    """Whether an argument or the result is, or holds, an array."""
    arguments = function.args
    annotations = [a.annotation for a in (*arguments.args, *arguments.kwonlyargs) if a.annotation]
    if function.returns:
        annotations.append(function.returns)
    return any("np.ndarray" in ast.unparse(annotation) for annotation in annotations)


def _has_shape(docs: str) -> bool:
    return bool(SHAPE.search(docs))


@pytest.mark.parametrize("room", ROOMS)
def test_arrays_have_a_shape_and_a_type_in_their_docstrings(room):
    modules = sorted((PACKAGE / room).glob("*.py"))
    silent = [
        f"{module.relative_to(PACKAGE)} {name}"
        for module in modules
        for name in missing(module.read_text("utf-8"))
    ]
    assert modules, f"there is no folder {room}"
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize(
    ("docstring", "lacks"),
    [
        ("Blur a picture: uint8 (h, w, 3).", None),
        ("Blur a picture, (h, w, 3).", "no dtype"),
        ("Blur a picture of uint8 (see below).", "no shape"),
        ("Sharpen edges (lips, eyes) of a uint8 picture.", "no shape"),
        ("Blur a picture.", "no shape and no dtype"),
    ],
)
def test_what_is_missing_is_found(docstring, lacks):
    source = f'def blur(image: np.ndarray) -> np.ndarray:\n    """{docstring}"""\n'
    assert missing(source) == ([f"blur: {lacks}"] if lacks else [])


def test_a_class_can_speak_for_its_methods():
    source = (
        'class Curve:\n    """A curve: float32 (n,)."""\n\n'
        "    def at(self, x: np.ndarray) -> np.ndarray:\n        return x\n\n"
        "    def _at(self, x: np.ndarray) -> np.ndarray:\n        return x\n"
    )
    assert missing(source) == []
    assert missing(source.replace("float32 (n,)", "of numbers")) == [
        "Curve.at: no shape and no dtype"
    ]
