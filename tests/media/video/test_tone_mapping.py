"""HDR and wide gamut become SDR as published: against numbers worked out elsewhere.

Those marked "colour" are from the package colour-science 0.4.7, those marked "report" from the
reports' own tables.
"""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.media.video import tone_mapping

GREYS = np.repeat(np.linspace(0, 1, 1024)[:, None], 3, axis=1)


@pytest.mark.parametrize(
    ("light", "signal"),
    [(0, 7.309e-7), (100, 0.50807842), (203, 0.58068888), (1000, 0.7518271), (10_000, 1.0)],
)  # colour
def test_pq(light, signal):
    assert tone_mapping.light_to_pq(np.array(light)) == pytest.approx(signal, abs=1e-6)
    assert tone_mapping.pq_to_light(np.array(signal)) == pytest.approx(light, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize(
    ("signal", "light"),
    [
        ((0.75, 0.75, 0.75), (203.152, 203.152, 203.152)),  # report BT.2408: 203 cd/m2 at 75 %
        ((1, 1, 1), (1000, 1000, 1000)),
        ((0.2, 0.5, 0.7), (7.882738, 49.267116, 121.860681)),  # colour
        ((0.9, 0.3, 0.1), (409.830979, 21.131205, 2.347914)),  # colour
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_hlg(signal, light):
    assert tone_mapping.hlg_to_light(np.array(signal)) == pytest.approx(light, rel=1e-4)


def test_primaries():
    report_bt2087 = [
        [1.6605, -0.5876, -0.0728],
        [-0.1246, 1.1329, -0.0083],
        [-0.0182, -0.1006, 1.1187],
    ]
    assert np.allclose(
        tone_mapping.rgb_to_rgb(tone_mapping.BT2020, tone_mapping.BT709), report_bt2087, atol=1e-4
    )
    assert np.allclose(
        tone_mapping.rgb_to_xyz(tone_mapping.BT709)[1], [0.2126, 0.7152, 0.0722], atol=1e-4
    )
    assert np.allclose(
        tone_mapping.rgb_to_xyz(tone_mapping.BT2020)[1], [0.2627, 0.6780, 0.0593], atol=1e-4
    )
    assert np.allclose(tone_mapping.rgb_to_xyz(77), tone_mapping.rgb_to_xyz(tone_mapping.BT2020))


@pytest.mark.parametrize(
    ("light", "shown"),
    # the report's formulae in bc(1) with 30 digits: the knee is at 87.836 cd/m2
    [
        (1, 1),
        (80, 80),
        (100, 99.36109),
        (203, 159.04187),
        (500, 198.85601),
        (1000, 203),
        (4000, 203),
    ],
)
def test_eetf(light, shown):
    mapped = tone_mapping.pq_to_light(
        tone_mapping.eetf(tone_mapping.light_to_pq(np.array(float(light))), 1000.0, 203.0)
    )
    assert mapped == pytest.approx(shown, rel=1e-5)


def test_a_film_no_brighter_than_sdr_stays():
    signal = tone_mapping.light_to_pq(np.linspace(0, 203, 50))
    assert np.allclose(tone_mapping.eetf(signal, 203.0, 203.0), signal)


@pytest.mark.parametrize(
    ("transfer", "white"), [(tone_mapping.PQ, 0.7518271), (tone_mapping.HLG, 1.0)]
)
def test_grey_stays_grey_in_order_and_without_jumps(transfer, white):
    seen = tone_mapping.sdr_signal(GREYS, transfer, tone_mapping.BT2020)
    assert np.abs(seen - seen[:, :1]).max() < 1e-9
    steps = np.diff(seen[:, 0])
    assert steps.min() > -1e-12 and steps.max() < 0.004
    rising = GREYS[1:, 0] < white - 0.01
    assert steps[rising][5:].min() > 0 and seen[-1, 0] == pytest.approx(1)


def test_where_white_and_faces_come_to_stand():
    """HLG's white of 75 % (203 cd/m2) comes to 159.04 of 203 in SDR, its half to 50.7."""
    seen = tone_mapping.sdr_signal(
        np.array([[0.75] * 3, [0.5] * 3]), tone_mapping.HLG, tone_mapping.BT2020
    )
    assert np.allclose(
        seen[:, 1], [(159.04187 / 203) ** (1 / 2.4), (50.7 / 203) ** (1 / 2.4)], atol=1e-3
    )


def test_bright_skin_is_not_pink():
    """Green lies between red and blue as before, and nothing is burnt out."""
    skin = np.array([0.93, 0.74, 0.62])
    light = 400 * skin**2.4 @ tone_mapping.rgb_to_rgb(tone_mapping.BT709, tone_mapping.BT2020).T
    red, green, blue = tone_mapping.sdr_signal(
        tone_mapping.light_to_pq(light), tone_mapping.PQ, tone_mapping.BT2020
    )
    assert 1 > red > green > blue
    assert (green - blue) / (red - blue) > 0.39 * 0.95


def test_what_sdr_can_show_is_kept():
    """Colours of BT.709 below the knee come out as they went in."""
    colours = np.random.default_rng(0).uniform(0, 0.62, (200, 3))
    light = (
        tone_mapping.WHITE
        * colours**2.4
        @ tone_mapping.rgb_to_rgb(tone_mapping.BT709, tone_mapping.BT2020).T
    )
    seen = tone_mapping.sdr_signal(
        tone_mapping.light_to_pq(light), tone_mapping.PQ, tone_mapping.BT2020
    )
    assert np.abs(seen - colours).max() < 2e-3


@pytest.mark.parametrize("primaries", [tone_mapping.BT2020, tone_mapping.P3])
def test_wide_gamut_sdr(primaries):
    colours = np.random.default_rng(1).uniform(0, 1, (200, 3))
    wide = np.clip(colours**2.4 @ tone_mapping.rgb_to_rgb(tone_mapping.BT709, primaries).T, 0, 1)
    assert np.abs(tone_mapping.sdr_signal(wide ** (1 / 2.4), 1, primaries) - colours).max() < 2e-3


def test_colours_out_of_reach_keep_their_luminance():
    beyond = np.array([[1.3, 0.2, 0.1], [-0.2, 0.7, 0.1], [0.5, 0.5, 1.6], [-0.5, 0.1, -0.1]])
    weights = tone_mapping.rgb_to_xyz(tone_mapping.BT709)[1]
    kept = tone_mapping.into_gamut(beyond)
    assert kept.min() >= 0 and kept.max() <= 1
    assert np.allclose(kept @ weights, np.clip(beyond @ weights, 0, 1))
    assert (kept[0].argmax(), kept[1].argmax(), kept[2].argmax()) == (0, 1, 2)


@pytest.mark.parametrize("transfer", [tone_mapping.PQ, tone_mapping.HLG, 1])
def test_every_signal_has_a_colour(transfer):
    steps = np.linspace(0, 1, 12)
    signals = np.stack(np.meshgrid(steps, steps, steps), axis=-1)
    seen = tone_mapping.sdr_signal(signals, transfer, tone_mapping.BT2020)
    assert np.isfinite(seen).all() and seen.min() >= 0 and seen.max() <= 1
