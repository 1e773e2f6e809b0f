"""The phonemes that Kokoro knows, and their token numbers."""

from __future__ import annotations

from functools import cache

# Kokoro's alphabet and token numbers, from the config.json of the model.
_ALPHABET: dict[int, str] = {
    1: ";:,.!?",
    9: '—…"()“” \u0303ʣʥʦʨᵝꭧAI',
    31: "O",
    33: "Q",
    35: "ST",
    39: "W",
    41: "Yᵊabcdef",
    50: "hijklmnopqrstuvwxyzɑɐɒæ",
    75: "βɔɕç",
    80: "ɖðʤə",
    85: "ɚɛɜ",
    90: "ɟ",
    92: "ɡ",
    99: "ɥ",
    101: "ɨɪʝ",
    110: "ɯɰŋɳɲɴø",
    118: "ɸθœ",
    123: "ɹ",
    125: "ɾɻ",
    128: "ʁɽʂʃʈʧ",
    135: "ʊʋ",
    138: "ʌɣɤ",
    142: "χʎ",
    147: "ʒʔ",
    156: "ˈˌː",
    162: "ʰ",
    164: "ʲ",
    169: "↓",
    171: "→↗↘",
    177: "ᵻ",
}


@cache
def token_numbers() -> dict[str, int]:
    """Map each symbol Kokoro knows to its token number."""
    return {
        symbol: first + offset
        for first, symbols in _ALPHABET.items()
        for offset, symbol in enumerate(symbols)
    }
