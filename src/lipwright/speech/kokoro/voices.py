"""The voices of Kokoro-82M: eight that ship with lipwright, the others to be downloaded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipwright.core.assets import read_asset
from lipwright.core.errors import VoiceError
from lipwright.speech.language_tag import ACCENTS, with_country

DEFAULT_VOICE = "anika"

_LANGUAGES = {"a": "en-US", "b": "en-GB", "h": "en-IN"}
_GENDERS = {"f": "female", "m": "male"}
_DOWNLOADS = {"en-US": "kokoro-voices-american", "en-GB": "kokoro-voices-british"}


@dataclass(frozen=True)
class KokoroVoice:
    """One voice of Kokoro-82M, whose table has the name its makers gave it."""

    name: str
    table: str
    """"hf_beta": its first letter is the language, its second the gender."""
    gain_db: float
    """Gain that brings this voice's raw sound near -16 LUFS (measured)."""
    sha256: str | None = None
    """Of the table that ships with lipwright; None: it is to be downloaded."""

    @property
    def language(self) -> str:
        """The language it speaks by default. Kokoro's Hindi voices have an Indian accent."""
        return _LANGUAGES[self.table[0]]

    @property
    def languages(self) -> tuple[str, ...]:
        """All languages it speaks well."""
        return ("en-IN", "hi-IN") if self.table[0] == "h" else (self.language,)

    @property
    def gender(self) -> str:
        """Either "female" or "male"."""
        return _GENDERS[self.table[1]]

    @property
    def model(self) -> str:
        """The name of its tables for `lipwright models download`."""
        return _DOWNLOADS[self.language]


_SHIPPED = (
    KokoroVoice("anika", "hf_beta", 1.9,
        "cd83ae0bb9b2e4e4fb92b4973bd8d1822ca0036d3c498bf4fc89aa8e33917cc7"),
    KokoroVoice("arjun", "hm_omega", 1.3,
        "b02d9222d9ed00ce26b302173a862c2c93f96cc40b5c422b8d14910b9ff34137"),
    KokoroVoice("hf_alpha", "hf_alpha", 0.4,
        "040be6a4425411cc01fda5fd06693c76bfa78572632852bc8cda9c99232ffb56"),
    KokoroVoice("hm_psi", "hm_psi", 2.8,
        "644daf88ba8aeb7bd08950bbdcd4453bb280864e49dc4df93fabc6be32e03f37"),
    KokoroVoice("af_heart", "af_heart", 6.9,
        "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b"),
    KokoroVoice("am_michael", "am_michael", 8.6,
        "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1"),
    KokoroVoice("bf_emma", "bf_emma", 4.6,
        "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73"),
    KokoroVoice("bm_george", "bm_george", 6.1,
        "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc"),
)  # fmt: skip
_GAINS = {
    "af_alloy": 6.7, "af_aoede": 2.3, "af_bella": 6.1, "af_jessica": 6.5, "af_kore": 2.9,
    "af_nicole": 6.0, "af_nova": 11.2, "af_river": 5.8, "af_sarah": 5.2, "af_sky": 8.4,
    "am_adam": 2.5, "am_echo": 6.8, "am_eric": 5.7, "am_fenrir": 3.7, "am_liam": 6.0,
    "am_onyx": 7.0, "am_puck": 3.0, "am_santa": 6.9, "bf_alice": 5.1, "bf_isabella": 2.3,
    "bf_lily": 6.0, "bm_daniel": 5.7, "bm_fable": 6.3, "bm_lewis": 7.6,
}  # fmt: skip
KOKORO_VOICES: dict[str, KokoroVoice] = {
    voice.name: voice
    for voice in (*_SHIPPED, *(KokoroVoice(name, name, gain) for name, gain in _GAINS.items()))
}


def find_voice(name: str) -> KokoroVoice:
    """Return the voice of a name, "anika" or "kokoro:anika".

    Raises VoiceError where there is no such offline voice.
    """
    short = name.strip().lower().removeprefix("kokoro:")
    if short not in KOKORO_VOICES:
        raise VoiceError(f"{name} is not an offline voice: use lipwright.synthesize for it.")
    return KOKORO_VOICES[short]


def check_language(language: str) -> str:
    """Return the tag, with its country, of a language that the offline voices speak.

    Raises VoiceError for what is no tag, and for a language they do not speak.
    """
    tag = with_country(language)
    if tag not in ACCENTS:
        raise VoiceError(
            f'The offline voice does not speak "{language}": choose one of {", ".join(ACCENTS)}, '
            "or a voice of another provider."
        )
    return tag


def load_style(voice: KokoroVoice) -> np.ndarray:
    """Return the voice's table, float32 (510, 1, 256).

    Raises LipwrightError where a shipped table is damaged, and VoiceError, naming the command to
    download it, where one has not been downloaded.
    """
    if voice.sha256 is not None:
        data = read_asset("lipwright.speech", f"{voice.table}.bin", voice.sha256)
    elif is_downloaded(voice):
        from lipwright.weights import find_model

        data = find_model(voice.model, f"{voice.table}.bin").read_bytes()
    else:
        raise VoiceError(
            f'The voice "{voice.name}" is not here yet: run lipwright models download '
            f"{voice.model}."
        )
    return np.frombuffer(data, np.float32).reshape(-1, 1, 256)


def is_downloaded(voice: KokoroVoice) -> bool:
    """Return whether the table is on this computer."""
    if voice.sha256 is not None:
        return True
    from lipwright.weights import Store, find_entry

    return Store().installed(find_entry(voice.model))
