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


def cut(stream: mel.FrameStream | mel.CentredFrames, samples: np.ndarray, size: int) -> np.ndarray:
    """The windows of samples that come in pieces of a size."""
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    windows = [stream.push(piece) for piece in pieces]
    if isinstance(stream, mel.CentredFrames):
        windows.append(stream.finish())
    return np.concatenate(windows)


@pytest.mark.parametrize("size", [1, 7, 10, 23, 200])
def test_pieces_of_any_size_give_the_same_windows(size):
    samples = np.arange(1, 101, dtype=np.float32)
    windows = cut(mel.FrameStream(20, 10), samples, size)
    np.testing.assert_array_equal(windows, mel.frame_windows(samples, 20, 10))


@pytest.mark.parametrize("length", [1, 2, 5, 10, 11, 12, 19, 100, 101, 109])
@pytest.mark.parametrize("size", [1, 7, 10, 11, 200])
def test_centred_windows_see_both_ends_reflected(length, size):
    samples = np.arange(1, length + 1, dtype=np.float32)
    windows = cut(mel.CentredFrames(20, 10), samples, size)
    padded = np.pad(samples, 10, mode="reflect")
    np.testing.assert_array_equal(windows, mel.frame_windows(padded, 20, 10))
    assert len(windows) == 1 + length // 10
    for number, window in enumerate(windows[: length // 10]):
        assert window[10] == samples[10 * number], "window k is centred on sample k * hop"


def test_a_sound_whose_beginning_was_left_out_has_only_its_end_reflected():
    samples = np.arange(1, 101, dtype=np.float32)
    windows = cut(mel.CentredFrames(20, 10, reflects_start=False), samples[30:], 7)
    whole = cut(mel.CentredFrames(20, 10), samples, 7)
    np.testing.assert_array_equal(windows, whole[4:])


def test_no_sound_at_all_has_one_silent_window():
    windows = mel.CentredFrames(20, 10).finish()
    assert windows.shape == (1, 20) and not windows.any()


def test_too_little_sound_has_no_window():
    assert mel.frame_windows(np.zeros(19, np.float32), 20, 10).shape == (0, 20)
