"""What lips lose when a service tells shapes of the mouth (visemes) instead of sounds.

Sentences of the offline voices, whose phones have exact times, are reduced to the visemes of Amazon
Polly and of Azure. The lips that follow the visemes, and those that follow the sound alone, are
correlated with the lips that follow the phones:

    python benchmarks/visemes.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from lipwright.articulation import articulate
from lipwright.articulation.curves import CHANNELS
from lipwright.speech import Phone, Speech
from lipwright.speech.kokoro.synthesizer import Synthesizer
from lipwright.speech.providers import azure, polly
from lipwright.speech.timing.provider_timestamps import SILENCE, phones_from_visemes

SENTENCES = (
    "Namaste Asha, this is a reminder that your payment of INR 5,053 is due on 14 December.",
    "Please bring the blue folder and your passport photo to the bank before four o'clock.",
    "We have moved your appointment with Doctor Mehta from Monday to Friday the sixth.",
    "The weather has been very warm, so drink water and avoid the afternoon sun.",
    "Your order number four five two nine will be shipped from Pune tomorrow morning.",
)
VOICES = ("anika", "arjun")
SHOWN = ("gap", "spread", "round", "press", "tuck")
STRESS, UNSPOKEN, PAUSES = "ˈˌ", "ːʰ ", ',.!?;:…—"“”'

# The services' own tables, in Kokoro's alphabet; an Indian r is a tap in either.
POLLY = {
    "p": "pbm", "t": "tdnlʈɖɳ", "S": "ʃʒʧʤʂ", "T": "θð", "f": "fvʋ", "k": "kɡŋhx", "r": "ɹɾ",
    "s": "szɕ", "i": "jiɪɨᵻ", "u": "wuʊ", "@": "əɚᵊ", "a": "aɑæɐIW", "e": "eA", "E": "ɛɜʌ",
    "o": "oOQ", "O": "ɔɒY",
}  # fmt: skip
AZURE = {
    1: "æəʌɐᵊ", 2: "aɑ", 3: "ɔɒ", 4: "ɛʊeA", 5: "ɜɚ", 6: "jiɪɨᵻ", 7: "wu", 8: "oOQ", 9: "W",
    10: "Y", 11: "I", 12: "h", 13: "ɹɾ", 14: "l", 15: "szɕ", 16: "ʃʒʧʤʂ", 17: "ð", 18: "fvʋ",
    19: "tdnʈɖɳθ", 20: "kɡŋx", 21: "pbm",
}  # fmt: skip


def main() -> None:
    speeches = [
        speaker.synthesize(sentence)
        for speaker in map(Synthesizer, VOICES)
        for sentence in SENTENCES
    ]
    exact = [articulate(speech).curves for speech in speeches]
    rows = {
        "Polly's visemes": [
            with_visemes(speech, shapes(POLLY, polly._INDIAN_VISEMES)) for speech in speeches
        ],
        "Azure's visemes": [
            with_visemes(speech, shapes(AZURE, azure._INDIAN_VISEMES)) for speech in speeches
        ],
        "the sound alone": [
            Speech.from_samples(speech.samples, speech.rate) for speech in speeches
        ],
    }
    print(f"| {len(speeches)} sentences | " + " | ".join(SHOWN) + " |")
    print("|---" * (1 + len(SHOWN)) + "|")
    for name, reduced in rows.items():
        found = correlate(exact, reduced)
        print(f"| {name} | " + " | ".join(f"{found[channel]:.2f}" for channel in SHOWN) + " |")


def shapes(classes: Mapping, symbols: Mapping) -> dict[str, str]:
    """For each sound the symbol that stands for its viseme."""
    return {sound: symbols[viseme] for viseme, sounds in classes.items() for sound in sounds}


def with_visemes(speech: Speech, stand_ins: Mapping[str, str]) -> Speech:
    """The same speech as a service would describe it."""
    events = list(read_events(speech.phones or (), stand_ins))
    phones = phones_from_visemes(events, speech.duration)
    return Speech.from_samples(speech.samples, speech.rate, phones)


def read_events(phones: tuple[Phone, ...], stand_ins: Mapping[str, str]) -> Iterator:
    """Viseme events; the time of a stress mark belongs to the sound that it stands before."""
    begun: float | None = None
    for phone in phones:
        if phone.symbol in STRESS:
            begun = phone.start if begun is None else begun
        elif phone.symbol in PAUSES:
            yield phone.start, SILENCE
            begun = None
        elif phone.symbol not in UNSPOKEN:
            yield phone.start if begun is None else begun, stand_ins[phone.symbol]
            begun = None


def correlate(exact: list[np.ndarray], reduced: list[Speech]) -> dict[str, float]:
    """Pearson's correlation of every channel, over all sentences."""
    others = [
        articulate(speech).at(np.arange(len(curves)) / 100)
        for curves, speech in zip(exact, reduced, strict=True)
    ]
    first, second = np.concatenate(exact), np.concatenate(others)
    return {
        channel: float(np.corrcoef(first[:, column], second[:, column])[0, 1])
        for column, channel in enumerate(CHANNELS)
    }


if __name__ == "__main__":
    main()
