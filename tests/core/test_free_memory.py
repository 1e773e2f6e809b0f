"""Memory that goes back to the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lipwright.core import free_memory
from lipwright.core.free_memory import give_back_memory, keep_memory_flat


@pytest.fixture(autouse=True)
def unknown_library() -> Iterator[None]:
    """The C library is looked at anew in each test."""
    free_memory._c_function.cache_clear()
    yield
    free_memory._c_function.cache_clear()


def test_the_c_library_is_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Library:
        malloc_trim = asked.append

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library)
    give_back_memory()
    assert asked == [0]


@pytest.mark.parametrize("error", [OSError, TypeError, AttributeError])
def test_other_c_libraries_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(name: None) -> object:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    give_back_memory()
    keep_memory_flat()


SIZES = """
import ctypes, sys
from lipwright.core.free_memory import LARGE, keep_memory_flat

class Numbers(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

library = ctypes.CDLL(None)
library.mallinfo2.restype = Numbers
library.malloc.restype = library.memset.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]
library.malloc.argtypes = [ctypes.c_size_t]
if sys.argv[1] == "flat":
    keep_memory_flat()
for _ in range(8):
    library.free(library.malloc(30 * LARGE))
before = library.mallinfo2()
kept = [library.malloc(2 * LARGE) for _ in range(10)]
after = library.mallinfo2()
print((after.hblkhd - before.hblkhd) // LARGE)
"""
GLIBC = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallinfo2")


@pytest.mark.skipif(not GLIBC, reason="another C library chooses for itself")
@pytest.mark.parametrize(("mode", "own"), [("flat", 20), ("as it comes", 0)])
def test_large_blocks_stay_out_of_the_heap(mode: str, own: int) -> None:
    """The C library alone puts them there once it has freed larger ones."""
    command = [sys.executable, "-c", SIZES, mode]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert own <= int(said) <= own * 1.1


def test_it_does_no_harm() -> None:
    give_back_memory()
