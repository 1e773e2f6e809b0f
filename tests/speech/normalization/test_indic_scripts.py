"""Names in other scripts of India, said by the offline voices."""

from __future__ import annotations

import pytest

from lipwright.core.errors import VoiceError
from lipwright.speech.g2p.hindi import say_hindi_word
from lipwright.speech.normalization.indic_scripts import main_script, to_devanagari
from lipwright.speech.normalization.normalize import normalize
from lipwright.speech.synthesis import stream_speech

pytest.importorskip("misaki", reason="pronunciation needs the voice extra")

SOUNDS = {
    "முருகன்": "mˈʊɾʊɡən",
    "பாண்டியன்": "pˈaːɳɖɪjən",
    "சென்னை": "sˈɛnnɛː",
    "கமலா": "kˈʌməlaː",
    "వెంకటేశ్": "ʋɛŋkəʈˈeːʃ",
    "రామారావు": "ɾaːmaːɾˈaːʋʊ",
    "শর্মিলা": "ʃˈʌɾmɪlaː",
    "যাদব": "ɟˈaːdəb",
    "ਗੁਰਪ੍ਰੀਤ": "ɡʊɾəpɾˈiːt",
    "ਸਿੰਘ": "sˈɪŋɡʰ",
    "ਪੱਟੀ": "pˈʌʈʈi",
    "પટેલ": "pəʈˈeːl",
    "ನಾರಾಯಣ": "naːɾˈaːjəɳə",
    "ರಮೇಶ": "ɾəmˈeːʃə",
    "അനിൽ": "ˈʌnɪl",
    "ലക്ഷ്മി": "lˈʌkʃmɪ",
    "ପଟ୍ଟନାୟକ": "pəʈʈənˈaːjəkə",
}


@pytest.mark.parametrize(("written", "sounds"), SOUNDS.items())
def test_a_name(written: str, sounds: str) -> None:
    assert say_hindi_word(to_devanagari(written)) == sounds


def test_what_is_in_no_such_script_stays() -> None:
    text = "Namaste रमेश, 5 ₹ – 你好 عمر"
    assert to_devanagari(text) == text


def test_names_within_a_reminder() -> None:
    assert normalize("Dear ಸುನಿತಾ, pay ₹5.") == "Dear सुनिता, pay five rupees."
    assert normalize("नमस्ते ਗੁਰਪ੍ਰੀਤ जी।", "hi-IN") == "नमस्ते गुरप्रीत जी."
    assert normalize("মোট ৫", "hi-IN") == "मोट पाँच"


@pytest.mark.parametrize(
    ("text", "name", "voice"),
    [
        ("வணக்கம் ராஜா, உங்கள் EMI", "Tamil", "edge:ta-IN-PallaviNeural or gtts:ta"),
        ("నమస్కారం రాజా", "Telugu", "te-IN"),
        ("ਸਤ ਸ੍ਰੀ ਅਕਾਲ", "Gurmukhi", "azure:pa-IN"),
        ("নমস্কার রাজা", "Bengali", "bn-IN"),
    ],
)
def test_a_whole_text_needs_a_voice_of_its_language(text: str, name: str, voice: str) -> None:
    with pytest.raises(VoiceError, match=f"in the {name} script.*{voice}"):
        next(stream_speech(text))


def test_a_text_in_marathi_is_in_devanagari() -> None:
    assert main_script("माझे नाव रमेश आहे") is None
    assert main_script("Hello ரமேஷ்") is None
