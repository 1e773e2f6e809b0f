"""The cores that a process may use."""

from __future__ import annotations

import os

import pytest

from lipwright.core import cores as machine
from lipwright.core.cores import (
    decoder_threads,
    encoder_threads,
    sampler_threads,
    usable_cores,
    use_at_most,
    voice_threads,
)


def test_those_that_it_is_bound_to(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {1, 5, 6}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert usable_cores() == 3


def test_those_of_the_machine_where_it_cannot_be_bound(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert usable_cores() == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores() == 1


@pytest.mark.parametrize(
    ("cores", "encoding", "decoding", "sampling"),
    [(1, 1, 1, 1), (2, 2, 1, 2), (3, 3, 1, 3), (8, 8, 4, 4), (64, 16, 16, 4)],
)
def test_threads_of_encoders_and_decoders_come_from_the_machine(
    cores, encoding, decoding, sampling, monkeypatch
):
    monkeypatch.setattr(machine, "usable_cores", lambda: cores)
    assert (encoder_threads(), decoder_threads()) == (encoding, decoding)
    assert sampler_threads() == sampling


def test_a_process_leaves_cores_to_others(monkeypatch):
    monkeypatch.setattr(machine, "_machine_cores", lambda: 8)
    monkeypatch.setattr(machine, "_most", None)
    assert (usable_cores(), encoder_threads(), voice_threads()) == (8, 8, 2)
    use_at_most(3)
    assert (usable_cores(), encoder_threads(), voice_threads()) == (3, 3, 2)
    use_at_most(0)
    assert (usable_cores(), encoder_threads(), voice_threads()) == (1, 1, 1)
    use_at_most(64)
    assert usable_cores() == 8
