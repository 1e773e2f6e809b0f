"""Tone mapping of HDR and wide-gamut colours to BT.709 SDR.

Light is computed after ITU-R BT.2100-2 (PQ: table 4; HLG: table 5 with its OOTF for a display of
1000 cd/m2), brought into the range of SDR by the EETF of Report ITU-R BT.2390-8 section 5.4.1 and
encoded for a display after BT.1886. SDR's white stands for the 203 cd/m2 that Report ITU-R BT.2408
gives HDR's. Of the ways that BT.2390 names the EETF is applied to red, green and blue: applied to
the intensity of ICtCp it left bright skin pink. Colours beyond BT.709 are moved towards grey of the
same luminance.

Signals are in [0, 1], light is in cd/m2.
"""

from __future__ import annotations

import numpy as np

PQ, HLG = 16, 18
"""Transfers (ITU-T H.273)."""
BT709, BT2020, P3 = 1, 9, 12
"""Primaries (ITU-T H.273); white is D65 in all."""
WHITE = 203.0
"""cd/m2 of HDR that become SDR's white."""
USUAL_PEAK = 1000.0
"""cd/m2 of the brightest pixel, where nothing is said about it; and of an HLG display."""
MAX_LIGHT = 10_000.0
"""cd/m2 at a PQ signal of 1."""
HLG_GAMMA = 1.2
"""Of the OOTF at 1000 cd/m2."""
DISPLAY_GAMMA = 2.4
"""Of an SDR display (BT.1886 with black at 0)."""

# SMPTE ST 2084 / BT.2100 table 4
M1, M2 = 2610 / 16384, 2523 / 4096 * 128
C1, C2, C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
# BT.2100 table 5
A, B, C = 0.17883277, 0.28466892, 0.55991073

D65 = (0.3127, 0.3290)
CHROMATICITIES = {
    BT709: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    P3: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}


def sdr_signal(
    signal: np.ndarray, transfer: int, primaries: int, peak: float = USUAL_PEAK
) -> np.ndarray:
    """Return the R'G'B' signal for a BT.709 display, float64 (..., 3), of a signal of that shape.

    transfer, primaries: of the signal; a transfer other than PQ and HLG is that of SDR. peak: cd/m2
    of the brightest pixel, for PQ.
    """
    if transfer == HLG:
        peak = USUAL_PEAK
    if transfer in (PQ, HLG):
        light = pq_to_light(signal) if transfer == PQ else hlg_to_light(signal)
        light = compress(light @ rgb_to_rgb(primaries, BT2020).T, peak)
        linear = light @ rgb_to_rgb(BT2020, BT709).T / WHITE
    else:
        linear = signal**DISPLAY_GAMMA @ rgb_to_rgb(primaries, BT709).T
    return into_gamut(linear) ** (1 / DISPLAY_GAMMA)


def pq_to_light(signal: np.ndarray) -> np.ndarray:
    """Apply the EOTF of PQ to a signal, float64 (..., 3)."""
    power = np.clip(signal, 0, 1) ** (1 / M2)
    light: np.ndarray = MAX_LIGHT * (np.maximum(power - C1, 0) / (C2 - C3 * power)) ** (1 / M1)
    return light


def light_to_pq(light: np.ndarray) -> np.ndarray:
    """Apply the inverse EOTF of PQ to light, float64 (..., 3)."""
    power = (np.clip(light, 0, None) / MAX_LIGHT) ** M1
    signal: np.ndarray = ((C1 + C2 * power) / (1 + C3 * power)) ** M2
    return signal


def hlg_to_light(signal: np.ndarray) -> np.ndarray:
    """Apply the EOTF of HLG on a display of 1000 cd/m2 to a signal, float64 (..., 3).

    Inverse OETF, then OOTF; BT.2020 primaries.
    """
    signal = np.clip(signal, 0, 1)
    upper = (np.exp((np.maximum(signal, 0.5) - C) / A) + B) / 12
    scene = np.where(signal <= 0.5, signal**2 / 3, upper)
    luminance = scene @ rgb_to_xyz(BT2020)[1]
    light: np.ndarray = USUAL_PEAK * luminance[..., None] ** (HLG_GAMMA - 1) * scene
    return light


def compress(light: np.ndarray, peak: float) -> np.ndarray:
    """Bring BT.2020 light, float64 (..., 3), of up to `peak` down to WHITE in each channel."""
    return pq_to_light(eetf(light_to_pq(light), peak, WHITE))


def eetf(signal: np.ndarray, source: float, target: float) -> np.ndarray:
    """Apply BT.2390's EETF to PQ signals, float64 (..., 3).

    source, target: the brightest light of the signal and of the display, cd/m2; black is at 0.
    """
    top = float(light_to_pq(np.array(source)))
    most = float(light_to_pq(np.array(target))) / top
    if most >= 1:
        return signal
    given = np.clip(signal / top, 0, 1)
    knee = 1.5 * most - 0.5
    t = (given - knee) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (3 * t**2 - 2 * t**3) * most
    )
    return np.where(given < knee, given, spline) * top


def into_gamut(linear: np.ndarray) -> np.ndarray:
    """Move BT.709 light, float64 (..., 3), white at 1, towards grey until it lies within [0, 1]."""
    grey = np.clip(linear @ rgb_to_xyz(BT709)[1], 0, 1)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(linear > 1, (1 - grey) / (linear - grey), grey / (grey - linear))
    share = np.where((linear > 1) | (linear < 0), room, 1).min(axis=-1, keepdims=True)
    in_gamut: np.ndarray = np.clip(grey + np.nan_to_num(share) * (linear - grey), 0, 1)
    return in_gamut


def rgb_to_rgb(primaries: int, others: int) -> np.ndarray:
    """Return the matrix, float64 (3, 3), from light of some primaries to light of others."""
    matrix: np.ndarray = np.linalg.inv(rgb_to_xyz(others)) @ rgb_to_xyz(primaries)
    return matrix


def rgb_to_xyz(primaries: int) -> np.ndarray:
    """Return the matrix, float64 (3, 3), after SMPTE RP 177; BT.2020's for unknown primaries."""
    places = CHROMATICITIES.get(primaries, CHROMATICITIES[BT2020])
    columns = np.array([_xyz(*place) for place in places]).T
    return columns * np.linalg.solve(columns, _xyz(*D65))


def _xyz(x: float, y: float) -> np.ndarray:
    return np.array([x / y, 1, (1 - x - y) / y])
