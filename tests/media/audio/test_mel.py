"""Mel scales, triangular filters and windows cut out of sound that comes in pieces."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.media.audio import mel


@pytest.mark.parametrize("scale", [mel.SLANEY, mel.HTK])
def test_a_scale_rises_and_has_a_way_back(scale):
    hertz = np.linspace(0, 8000, 1001)
    assert (np.diff(scale.to_mel(hertz)) > 0).all()
    np.testing.assert_allclose(scale.to_hertz(scale.to_mel(hertz)), hertz, atol=1e-8)


def test_the_scales_have_their_known_points():
    np.testing.assert_allclose(mel.SLANEY.to_mel(np.array([200.0, 1000.0, 6400.0])), [3, 15, 42])
    assert mel.HTK.to_mel(np.array(1000.0)) == pytest.approx(999.99, abs=0.01)


def test_edges_are_even_in_mel():
    edges = mel.HTK.edges(100, 4000, 10)
    assert edges.shape == (12,) and edges[0] == pytest.approx(100)
    assert edges[-1] == pytest.approx(4000)
    np.testing.assert_allclose(np.diff(mel.HTK.to_mel(edges), 2), 0, atol=1e-9)


def test_triangles_that_overlap_by_half_add_up_to_one():
    edges = np.array([0.0, 10, 25, 30, 60])
    filters = mel.triangular_filters(np.arange(61), *mel.corners(edges))
    assert filters.shape == (3, 61)
    np.testing.assert_allclose(filters[:, 10:31].sum(axis=0), 1)
    assert [filters[0, 10], filters[1, 25], filters[2, 30]] == [1, 1, 1]
    assert not filters[0, 25:].any() and not filters[2, :26].any()


def test_the_window_is_periodic():
    window = mel.hann_window(8)
    assert window.dtype == np.float32 and window[0] == 0 and window[4] == 1
    np.testing.assert_allclose(window[:4] + window[4:], 1, atol=1e-7)


def test_pre_emphasis_of_pieces_is_that_of_the_whole():
    samples = np.random.default_rng(0).standard_normal(100)
    first, second = samples[:40], samples[40:]
    pieces = [mel.pre_emphasis(first, 0.97), mel.pre_emphasis(second, 0.97, first[-1])]
    np.testing.assert_array_equal(np.concatenate(pieces), mel.pre_emphasis(samples, 0.97))


def test_a_tone_is_found_in_its_bin():
    tone = np.sin(2 * np.pi * 1000 * np.arange(800) / 16000)
    spectrum = mel.magnitudes(mel.frame_windows(tone, 400, 160), 512)
    bins = mel.bin_frequencies(512, 16000)
    assert spectrum.shape == (3, 257) == (3, *bins.shape)
    assert (bins[spectrum.argmax(axis=1)] == 1000).all()


@pytest.mark.parametrize("size", [1, 7, 10, 23, 200])
def test_pieces_of_any_size_give_the_same_windows(size):
    samples = np.arange(1, 101, dtype=np.float32)
    stream = mel.FrameStream(20, 10, silence=10)
    pieces = [stream.push(samples[start : start + size]) for start in range(0, 100, size)]
    windows = np.concatenate([*pieces, stream.push(np.zeros(10, np.float32))])
    expected = mel.frame_windows(np.pad(samples, 10), 20, 10)
    np.testing.assert_array_equal(windows, expected)
    assert windows[3][10] == samples[30], "window k is centred on sample k * hop"


def test_too_little_sound_has_no_window():
    assert mel.frame_windows(np.zeros(19, np.float32), 20, 10).shape == (0, 20)
