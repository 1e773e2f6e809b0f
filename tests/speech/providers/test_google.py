"""Google Cloud end to end: its own client against a local server that behaves like the service."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("google.cloud.texttospeech_v1beta1")

from tests.speech.providers.fakes.google import (
    API_KEY,
    SECONDS_PER_CHARACTER,
    FakeGoogle,
)

from lipwright.core.errors import VoiceError
from lipwright.speech.providers import google
from lipwright.speech.script.script import Pause, Script, Text, read_script
from lipwright.speech.timing.provider_timestamps import in_order

TEXT = "Dear Ravi, pay INR 5,053 today."


def speak(text: str | Script = TEXT, voice: str = "en-IN-Neural2-A", rate: float = 1.0):
    script = text if isinstance(text, Script) else read_script(text)
    return google.GoogleProvider().synthesize(script, voice, rate)


def sent(service: FakeGoogle) -> list[dict]:
    return [request.json for request in service.requests if request.method == "POST"]


def test_words_have_the_times_of_their_marks(google_cloud: FakeGoogle) -> None:
    speech = speak()
    assert speech.rate == 24000 and speech.transcript == TEXT
    assert [word.text for word in speech.words] == TEXT.split()
    at = TEXT.index("5,053") * SECONDS_PER_CHARACTER
    assert speech.words[4].start == pytest.approx(at, abs=0.002)
    assert speech.duration == pytest.approx(len(TEXT) * SECONDS_PER_CHARACTER, abs=0.01)
    (body,) = sent(google_cloud)
    assert body["voice"] == {"languageCode": "en-IN", "name": "en-IN-Neural2-A"}
    assert body["enableTimePointing"] == ["SSML_MARK"]
    assert "speakingRate" not in body["audioConfig"]


def test_a_service_account_signs_for_itself(google_cloud: FakeGoogle) -> None:
    speak()
    assert all("authorization" in request.headers for request in google_cloud.requests)


def test_an_api_key_is_enough(by_key: FakeGoogle) -> None:
    speak()
    assert all(request.headers["x-goog-api-key"] == API_KEY for request in by_key.requests)
    assert not any(API_KEY in request.path for request in by_key.requests)


def test_pauses_end_words_and_speeds_go_into_the_ssml(google_cloud: FakeGoogle) -> None:
    script = Script((Text("One."), Pause(2.0), Text("Two & three", rate=0.5)))
    speech = speak(script, rate=2.0)
    one, two, *_ = speech.words
    assert one.end < 0.4 and two.start == pytest.approx(
        2.0 + 4 * SECONDS_PER_CHARACTER / 2, abs=0.01
    )
    (body,) = sent(google_cloud)
    assert body["audioConfig"]["speakingRate"] == 2.0
    assert [word.text for word in speech.words] == script.words


def test_lost_marks_join_the_word_before(google_cloud: FakeGoogle) -> None:
    google_cloud.lose = {"0", "4"}
    assert [word.text for word in speak().words] == ["Dear Ravi,", "pay", "INR 5,053", "today."]


def test_without_any_times_only_the_sound_is_known(google_cloud: FakeGoogle) -> None:
    google_cloud.lose = {str(number) for number in range(9)}
    assert speak().words is None


def test_long_scripts_go_in_5000_bytes_at_sentences(google_cloud: FakeGoogle) -> None:
    text = " ".join(
        f"Reminder {number}: Rām & Co. should pay ₹5,053 today." for number in range(150)
    )
    speech = speak(text)
    bodies = sent(google_cloud)
    assert len(bodies) > 3
    for body in bodies:
        ssml = body["input"]["ssml"]
        assert 2000 < len(ssml.encode()) <= 5000 or body is bodies[-1]
        assert ssml.rstrip().removesuffix("</speak>").rstrip().endswith(("today.", "Co."))
    assert [word.text for word in speech.words] == text.split()
    assert in_order(speech.words) == list(speech.words)
    assert speech.words[-1].end == pytest.approx(speech.duration, abs=0.1)


def test_plain_voices_get_text_and_have_no_words(google_cloud: FakeGoogle) -> None:
    script = Script((Pause(1.0), Text("One two."), Pause(1.5), Text("Three.", rate=0.5)))
    speech = speak(script, voice="en-IN-Chirp3-HD-Kore")
    first, second = sent(google_cloud)
    assert first["input"] == {"text": "One two."} and second["input"] == {"text": "Three."}
    assert second["audioConfig"]["speakingRate"] == 0.5
    assert speech.words is None
    sound = 8 * SECONDS_PER_CHARACTER + 6 * SECONDS_PER_CHARACTER / 0.5
    assert speech.duration == pytest.approx(1.0 + 1.5 + sound, abs=0.02)
    assert not speech.samples[:24000].any()


def test_plain_voices_count_bytes_not_characters(google_cloud: FakeGoogle) -> None:
    text = "यह एक परीक्षा है। " * 150  # 44 bytes each
    speak(text, voice="en-IN-Chirp3-HD-Kore")
    sizes = [len(body["input"]["text"].encode()) for body in sent(google_cloud)]
    assert len(sizes) == 2 and max(sizes) <= 5000


def test_a_name_without_language_gets_it(google_cloud: FakeGoogle) -> None:
    google.GoogleProvider().synthesize(read_script("Ji."), "wavenet-a", language="hi-IN")
    assert sent(google_cloud)[0]["voice"]["name"] == "hi-IN-Wavenet-A"


def test_a_voice_that_is_not_listed_is_never_asked_for(google_cloud: FakeGoogle) -> None:
    with pytest.raises(
        VoiceError, match='no voice "en-IN-Neural2-Z": choose one of en-IN-Neural2-A'
    ):
        speak(voice="en-IN-Neural2-Z")
    with pytest.raises(VoiceError, match='no voice "xx-XX-Wavenet-A": choose another language'):
        speak(voice="xx-XX-Wavenet-A")
    assert not sent(google_cloud)


def test_another_voice_in_its_place_is_noticed(google_cloud: FakeGoogle) -> None:
    google_cloud.replace = "en-IN-Standard-A"
    with pytest.raises(VoiceError, match="another voice than en-IN-Neural2-A.*24000.*22050"):
        speak()


def test_a_voice_may_have_another_rate_of_its_own(google_cloud: FakeGoogle) -> None:
    assert speak(voice="en-IN-Standard-A").rate == 22050


def test_a_header_that_belies_the_answer(google_cloud: FakeGoogle) -> None:
    google_cloud.header_rate = 8000
    with pytest.raises(VoiceError, match="8000 samples a second instead of 24000"):
        speak()


def test_empty_sound_and_sound_without_header(google_cloud: FakeGoogle) -> None:
    google_cloud.empty = True
    with pytest.raises(VoiceError, match="Google Cloud sent no sound"):
        speak()
    google_cloud.empty, google_cloud.raw = False, True
    with pytest.raises(VoiceError, match="something that is no sound"):
        speak()


def test_voices_need_neither_key_nor_network() -> None:
    voices = google.GoogleProvider().voices()
    assert voices[0].full_name == "google:en-IN-Neural2-A" and voices[0].gender == "female"
    assert len({voice.name for voice in voices}) == len(voices)


def test_words_end_where_their_sound_does(google_cloud: FakeGoogle) -> None:
    speech = speak("Stop. <break time='1500ms'/> Go on.")
    stop, go = speech.words[:2]
    begin, end = round(stop.end * 24000) + 240, round(go.start * 24000) - 240
    assert end - begin > 24000 and not np.any(speech.samples[begin:end])
