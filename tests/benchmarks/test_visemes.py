"""The viseme tables of `benchmarks/visemes.py` know every sound of the sentences that it speaks."""

from __future__ import annotations

from tests.benchmarks.modules import benchmark_modules

from lipwright.speech import Phone
from lipwright.speech.g2p.pronouncer import Pronouncer


def test_every_sound_of_its_sentences_has_a_viseme():
    with benchmark_modules("visemes") as modules:
        visemes = modules.visemes
        said = "".join(p for s in visemes.SENTENCES for p in Pronouncer().pronounce(s))
        phones = tuple(Phone(i * 0.1, i * 0.1 + 0.1, symbol) for i, symbol in enumerate(said))
        assert "ʰ" in said
        for table in (visemes.POLLY, visemes.AZURE):
            stand_ins = {sound: "x" for sounds in table.values() for sound in sounds}
            assert list(visemes.read_events(phones, stand_ins))
