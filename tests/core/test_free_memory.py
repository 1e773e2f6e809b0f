"""Memory that goes back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest

from lipwright.core import free_memory
from lipwright.core.free_memory import give_back_memory


@pytest.fixture(autouse=True)
def unknown_library() -> Iterator[None]:
    """The C library is looked at anew in each test."""
    free_memory._malloc_trim.cache_clear()
    yield
    free_memory._malloc_trim.cache_clear()


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


def test_it_does_no_harm() -> None:
    give_back_memory()
