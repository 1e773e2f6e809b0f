"""OpenCV keeps to one thread while anybody needs it so."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from lipwright.core.opencv_threads import one_opencv_thread


@pytest.fixture
def opencv(monkeypatch) -> SimpleNamespace:
    """OpenCV that counts 3 threads: what it counts really depends on how it was built."""
    counted = SimpleNamespace(threads=3)
    monkeypatch.setattr(cv2, "getNumThreads", lambda: counted.threads)
    monkeypatch.setattr(cv2, "setNumThreads", partial(setattr, counted, "threads"))
    return counted


def test_opencv_itself():
    before = cv2.getNumThreads()
    with one_opencv_thread():
        assert np.array_equal(cv2.flip(np.arange(6).reshape(2, 3) * 1.0, 0)[0], [3, 4, 5])
    assert cv2.getNumThreads() == before


def test_one_thread_and_then_as_many_as_before(opencv):
    with one_opencv_thread():
        assert opencv.threads == 1
    assert opencv.threads == 3


def test_until_the_outermost_ends(opencv):
    with one_opencv_thread():
        with one_opencv_thread():
            assert opencv.threads == 1
        assert opencv.threads == 1
    assert opencv.threads == 3


def test_until_the_last_ends_whichever_began_first(opencv):
    first, second = one_opencv_thread(), one_opencv_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert opencv.threads == 1
    second.__exit__(None, None, None)
    assert opencv.threads == 3


def test_it_ends_with_an_error(opencv):
    with pytest.raises(ValueError, match="wrong"), one_opencv_thread():
        raise ValueError("wrong")
    assert opencv.threads == 3


def test_in_many_threads(opencv):
    barrier = threading.Barrier(4)

    def run() -> set[int]:
        barrier.wait(20)
        seen = set()
        for _ in range(200):
            with one_opencv_thread(), one_opencv_thread():
                seen.add(opencv.threads)
        return seen

    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(run) for _ in range(4)]
        assert [task.result() for task in tasks] == [{1}] * 4
    assert opencv.threads == 3


def test_what_somebody_else_sets_meanwhile_stays(opencv):
    with one_opencv_thread():
        cv2.setNumThreads(2)
    assert opencv.threads == 2
