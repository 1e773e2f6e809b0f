"""Where each phone wants the articulators to be, and how much it insists.

The positions were set by eye on two portraits; the dominance idea is Cohen and Massaro,
"Modeling coarticulation in synthetic visual speech" (1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipwright.articulation.curves import CHANNELS

SILENCE = "_"

# Columns as in CHANNELS: jaw, gap, spread, round, raise, drop, press, tuck, tip.
_POSITIONS: dict[str, tuple[float, ...]] = {
    SILENCE: (0, 0, 0, 0, 0, 0, 0, 0, 0),
    # open vowels
    "a": (0.150, 0.172, 0.005, 0.00, 0.030, 0.014, 0, 0, 0),
    "ɑ": (0.155, 0.168, 0.000, 0.02, 0.026, 0.010, 0, 0, 0),
    "ɒ": (0.130, 0.135, -0.01, 0.08, 0.022, 0.004, 0, 0, 0),
    "ɐ": (0.115, 0.130, 0.005, 0.00, 0.025, 0.010, 0, 0, 0),
    "æ": (0.125, 0.138, 0.030, 0.00, 0.035, 0.022, 0, 0, 0),
    "ʌ": (0.110, 0.124, 0.005, 0.00, 0.025, 0.010, 0, 0, 0),
    # middle vowels
    "ɛ": (0.095, 0.104, 0.025, 0.00, 0.030, 0.020, 0, 0, 0),
    "ə": (0.070, 0.075, 0.005, 0.00, 0.020, 0.006, 0, 0, 0),
    "ɜ": (0.075, 0.080, 0.000, 0.05, 0.022, 0.008, 0, 0, 0),
    "ɚ": (0.062, 0.070, 0.000, 0.08, 0.022, 0.010, 0, 0, 0.2),
    "e": (0.070, 0.083, 0.040, 0.00, 0.028, 0.020, 0, 0, 0),
    "ø": (0.065, 0.062, 0.000, 0.15, 0.020, 0.002, 0, 0, 0),
    "œ": (0.090, 0.088, 0.000, 0.12, 0.022, 0.004, 0, 0, 0),
    "ɤ": (0.070, 0.078, 0.010, 0.00, 0.022, 0.010, 0, 0, 0),
    "o": (0.080, 0.083, 0.000, 0.155, 0.022, 0, 0, 0, 0),
    "ɔ": (0.120, 0.124, -0.01, 0.11, 0.022, 0.002, 0, 0, 0),
    # close vowels
    "ɪ": (0.050, 0.061, 0.030, 0.00, 0.022, 0.016, 0, 0, 0),
    "ɨ": (0.045, 0.056, 0.020, 0.00, 0.022, 0.012, 0, 0, 0),
    "i": (0.035, 0.053, 0.050, 0.00, 0.024, 0.024, 0, 0, 0),
    "ɯ": (0.042, 0.048, 0.005, 0.03, 0.018, 0.006, 0, 0, 0),
    "y": (0.038, 0.042, 0.000, 0.17, 0.018, 0.002, 0, 0, 0),
    "ʊ": (0.055, 0.055, 0.000, 0.14, 0.018, 0, 0, 0, 0),
    "u": (0.045, 0.045, 0.000, 0.19, 0.016, 0, 0, 0, 0),
    # lips together
    "m": (0.020, 0, 0, 0, 0, 0, 0.8, 0, 0),
    "b": (0.025, 0, 0, 0, 0, 0, 1.0, 0, 0),
    "p": (0.025, 0, 0, 0, 0, 0, 1.0, 0, 0),
    # lower lip at the upper teeth: all of the opening is the raised upper lip
    "f": (0.030, 0.050, 0.010, 0, 0.050, 0, 0, 1.0, 0),
    "v": (0.030, 0.048, 0.010, 0, 0.048, 0, 0, 1.0, 0),
    "ʋ": (0.035, 0.045, 0.000, 0.03, 0.038, 0, 0, 0.8, 0),
    # lips near each other
    "w": (0.035, 0.030, 0, 0.20, 0.012, 0, 0, 0, 0),
    "ɥ": (0.034, 0.032, 0, 0.18, 0.014, 0, 0, 0, 0),
    "β": (0.030, 0.018, 0, 0.02, 0.008, 0, 0.2, 0, 0),
    "ɸ": (0.030, 0.022, 0, 0.04, 0.010, 0, 0.1, 0, 0),
    # hissing: teeth together, lips apart
    "s": (0.015, 0.036, 0.030, 0.00, 0.020, 0.028, 0, 0, 0.3),
    "z": (0.018, 0.037, 0.028, 0.00, 0.020, 0.027, 0, 0, 0.3),
    "ɕ": (0.018, 0.044, 0.015, 0.05, 0.024, 0.026, 0, 0, 0.2),
    "ʃ": (0.020, 0.052, 0.000, 0.155, 0.028, 0.026, 0, 0, 0.2),
    "ʒ": (0.022, 0.050, 0.000, 0.150, 0.027, 0.024, 0, 0, 0.2),
    "ʂ": (0.022, 0.052, 0.000, 0.120, 0.026, 0.022, 0, 0, 0.2),
    "ʧ": (0.020, 0.048, 0.000, 0.150, 0.027, 0.024, 0, 0, 0.6),
    "ʤ": (0.020, 0.048, 0.000, 0.145, 0.027, 0.024, 0, 0, 0.6),
    # tongue tip
    "t": (0.030, 0.048, 0.015, 0, 0.022, 0.014, 0, 0, 1.0),
    "d": (0.035, 0.053, 0.012, 0, 0.022, 0.014, 0, 0, 1.0),
    "ʈ": (0.035, 0.051, 0.010, 0, 0.022, 0.012, 0, 0, 0.9),
    "ɖ": (0.038, 0.055, 0.010, 0, 0.022, 0.012, 0, 0, 0.9),
    "n": (0.042, 0.062, 0.012, 0, 0.022, 0.014, 0, 0, 1.15),
    "ɳ": (0.042, 0.060, 0.010, 0, 0.022, 0.012, 0, 0, 0.9),
    "l": (0.072, 0.104, 0.012, 0, 0.024, 0.012, 0, 0, 1.3),
    "ɾ": (0.045, 0.058, 0.005, 0.03, 0.022, 0.010, 0, 0, 0.9),
    "ɽ": (0.048, 0.060, 0.005, 0.03, 0.022, 0.010, 0, 0, 0.8),
    "r": (0.048, 0.060, 0.005, 0.02, 0.022, 0.010, 0, 0, 0.9),
    "θ": (0.048, 0.080, 0.010, 0, 0.024, 0.012, 0, 0, 1.5),
    "ð": (0.048, 0.077, 0.010, 0, 0.024, 0.012, 0, 0, 1.45),
    # English r: rounded
    "ɹ": (0.040, 0.052, 0.000, 0.14, 0.024, 0.014, 0, 0, 0.3),
    "ɻ": (0.042, 0.052, 0.000, 0.12, 0.024, 0.012, 0, 0, 0.3),
    # back of the tongue and throat: the lips do what their neighbours do
    "j": (0.030, 0.048, 0.035, 0, 0.022, 0.016, 0, 0, 0),
    "ʝ": (0.030, 0.048, 0.030, 0, 0.022, 0.016, 0, 0, 0),
    "ç": (0.032, 0.050, 0.032, 0, 0.022, 0.018, 0, 0, 0),
    "ɲ": (0.038, 0.054, 0.025, 0, 0.022, 0.014, 0, 0, 0.5),
    "ʎ": (0.045, 0.062, 0.022, 0, 0.022, 0.014, 0, 0, 0.7),
    "c": (0.042, 0.058, 0.020, 0, 0.022, 0.012, 0, 0, 0.2),
    "ɟ": (0.042, 0.058, 0.020, 0, 0.022, 0.012, 0, 0, 0.2),
    "k": (0.055, 0.067, 0.008, 0, 0.022, 0.008, 0, 0, 0),
    "ɡ": (0.055, 0.067, 0.008, 0, 0.022, 0.008, 0, 0, 0),
    "ŋ": (0.050, 0.062, 0.008, 0, 0.022, 0.008, 0, 0, 0),
    "x": (0.058, 0.072, 0.006, 0, 0.022, 0.008, 0, 0, 0),
    "ɣ": (0.058, 0.072, 0.006, 0, 0.022, 0.008, 0, 0, 0),
    "ɰ": (0.050, 0.062, 0.006, 0, 0.022, 0.008, 0, 0, 0),
    "q": (0.065, 0.078, 0.004, 0, 0.022, 0.008, 0, 0, 0),
    "χ": (0.070, 0.084, 0.004, 0, 0.024, 0.008, 0, 0, 0),
    "ʁ": (0.065, 0.078, 0.004, 0.02, 0.022, 0.008, 0, 0, 0),
    "ɴ": (0.055, 0.066, 0.004, 0, 0.022, 0.006, 0, 0, 0),
    "h": (0.060, 0.075, 0.005, 0, 0.022, 0.006, 0, 0, 0),
    "ʔ": (0.050, 0.060, 0.000, 0, 0.018, 0.004, 0, 0, 0),
}

# Symbols that stand for others: one phone, or a sequence that shares the time.
EXPANSIONS: dict[str, str] = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "W": "aʊ", "Y": "ɔɪ", "Q": "əʊ",
    "S": "ʃ", "T": "ɾ", "g": "ɡ", "ᵊ": "ə", "ᵻ": "ɨ", "ɝ": "ɚ", "ɫ": "l",
    "ʦ": "ts", "ʣ": "dz", "ʨ": "tɕ", "ʥ": "dɕ", "ꭧ": "tʂ", "ʑ": "ɕ", "ʐ": "ʒ", "ɬ": "l",
    "ʍ": "w", "ɱ": "v", "ħ": "h", "ɦ": "h", "ʕ": "ʔ", "ɘ": "ə", "ɵ": "ø", "ʉ": "u", "ʏ": "y",
    "ɶ": "œ", "ʀ": "ʁ", "ɓ": "b", "ɗ": "d", "ʄ": "ɟ", "ɠ": "ɡ", "ʛ": "ɡ", "ʙ": "b", "ɞ": "ɜ",
    "ɭ": "l", "ʟ": "ɡ",
}  # fmt: skip
FIRST_SHARE = 0.58
"""Share of a two-part symbol's time that its first part takes."""

VOWELS = frozenset("aɑɒɐæʌɛəɜɚeøœɤoɔɪɨiɯyʊu")
BILABIALS = frozenset("mbp")
LABIODENTALS = frozenset("fvʋ")
_TONGUE_TIP = frozenset("tdʈɖnɳɾɽr")
_TONGUE_SHOWN = frozenset("lθðʎ")
_BACK = frozenset("kɡŋhxɣɰqχʁɴʔcɟ")
_HISSING = frozenset("szɕ")
_ROUNDED_CONSONANTS = frozenset("ʃʒʂʧʤɹɻwɥ")
_NEAR_LIPS = frozenset("βɸ")

VOWEL_OPENING, CONSONANT_OPENING = 2.0, 1.6
"""The table was set by eye on still pictures; tracked speakers of the GRID corpus open the lips to
0.18 (third quartile) and 0.25 (ninth decile) of the mouth's width, about twice as far."""
_OPENING = [CHANNELS.index(name) for name in ("jaw", "gap", "raise", "drop")]

_GROUPS: tuple[tuple[frozenset[str], dict[str, float]], ...] = (
    (VOWELS, {"jaw": 1.2, "gap": 1.2, "spread": 1.0}),
    # A large insistence here would only swallow short vowels: the closing itself is certain anyway.
    (BILABIALS, {"jaw": 0.7, "gap": 1.2, "spread": 0.15, "round": 0.12, "press": 2.0,
                 "raise": 1.2, "drop": 1.2}),
    (LABIODENTALS, {"gap": 2.5, "tuck": 3.0, "spread": 0.2, "round": 0.3, "raise": 3, "drop": 3}),
    (_TONGUE_TIP, {"jaw": 0.6, "gap": 0.6, "spread": 0.2, "round": 0.15, "tip": 3.0}),
    (_TONGUE_SHOWN, {"jaw": 0.8, "gap": 0.9, "spread": 0.25, "round": 0.2, "tip": 4.0}),
    (_BACK, {"jaw": 0.35, "gap": 0.35, "spread": 0.1, "round": 0.08, "tip": 0.5}),
    (_HISSING, {"jaw": 1.6, "gap": 1.5, "spread": 0.5, "round": 0.25, "drop": 1.5}),
    (_ROUNDED_CONSONANTS, {"jaw": 1.4, "gap": 1.3, "round": 2.6, "spread": 1.2}),
    (_NEAR_LIPS, {"jaw": 0.8, "gap": 2.0, "drop": 2.0, "raise": 2.0, "round": 0.3}),
    (frozenset(SILENCE), dict.fromkeys(CHANNELS, 0.8)),
)  # fmt: skip
_DEFAULT = {
    "jaw": 1.0, "gap": 1.0, "spread": 0.7, "round": 0.6, "raise": 1.0, "drop": 1.0,
    "press": 1.0, "tuck": 1.0, "tip": 1.0,
}  # fmt: skip


@dataclass(frozen=True)
class TargetTable:
    """`positions` and `dominance` are float64 (S, 9), row `index[symbol]` for each symbol."""

    index: dict[str, int]
    positions: np.ndarray
    dominance: np.ndarray


def _vowel_rounding_dominance(rounding: float) -> float:
    if rounding > 0.12:
        return 1.9
    return 1.2 if rounding > 0 else 0.6


def _dominance(symbol: str) -> list[float]:
    weights = dict(_DEFAULT)
    for members, changes in _GROUPS:
        if symbol in members:
            weights.update(changes)
    if symbol in VOWELS:
        weights["round"] = _vowel_rounding_dominance(_POSITIONS[symbol][CHANNELS.index("round")])
    return [weights[channel] for channel in CHANNELS]


def _position(symbol: str) -> np.ndarray:
    """The symbol's target, its opening brought to the size that real speakers show."""
    position = np.array(_POSITIONS[symbol], np.float64)
    if symbol in VOWELS:
        position[_OPENING] *= VOWEL_OPENING
    elif symbol not in BILABIALS | LABIODENTALS | _NEAR_LIPS:
        position[_OPENING] *= CONSONANT_OPENING
    return position


def _build() -> TargetTable:
    symbols = list(_POSITIONS)
    return TargetTable(
        index={symbol: row for row, symbol in enumerate(symbols)},
        positions=np.array([_position(symbol) for symbol in symbols], np.float64),
        dominance=np.array([_dominance(symbol) for symbol in symbols], np.float64),
    )


TARGETS = _build()
NEUTRAL = "ə"
"""What an unknown symbol is taken for."""
