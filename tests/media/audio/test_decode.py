"""Any sound comes out as mono float32 at the rate asked for; what cannot be used says why."""

from __future__ import annotations

import logging
import tracemalloc
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from lipwright.core.errors import MediaError
from lipwright.media.audio.decode import decode_blocks, probe_audio
from lipwright.media.audio.wav_writer import write_wav
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from tests.media.sounds import chirp, encode_sound, lag, wav_bytes


def decode(path: Path, rate: int = 16000, seconds: float = 0.3) -> np.ndarray:
    blocks = list(decode_blocks(path, rate, seconds))
    assert all(len(block) == round(seconds * rate) for block in blocks[:-1])
    assert all(block.dtype == np.float32 for block in blocks)
    return np.concatenate(blocks)


def message(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        probe_audio(path)
    with pytest.raises(MediaError) as again:
        list(decode_blocks(path, 16000))
    assert str(caught.value) == str(again.value)
    text = str(caught.value)
    assert path.name in text and text.endswith(".") and "\n" not in text
    return text


def test_wav_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "Grüße 12:30 %03d.wav"
    samples = chirp(1.25, 16000)
    write_wav(path, samples, 16000)
    info = probe_audio(path)
    assert (info.duration, info.rate, info.channels, info.codec) == (1.25, 16000, 1, "pcm_s16le")
    assert np.abs(decode(path) - samples).max() <= 1 / 32767
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    with wave.open(str(path)) as file:
        assert (file.getsampwidth(), file.getnframes()) == (2, 20000)


def test_write_wav_limits_and_channels(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    write_wav(path, np.array([[2.0, -3.0], [np.nan, np.inf]]), 8000)
    with wave.open(str(path)) as file:
        values = np.frombuffer(file.readframes(2), "<i2")
    assert values.tolist() == [32767, -32768, 0, 0]


def test_write_wav_where_it_cannot(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no folder"):
        write_wav(tmp_path / "nowhere" / "a.wav", np.zeros(10), 8000)
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(MediaError, match=r"folder\.wav"):
        write_wav(tmp_path / "folder.wav", np.zeros(10), 8000)
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder.wav"]


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 96000, 192000])
def test_any_rate(tmp_path: Path, rate: int) -> None:
    samples = chirp(1.0, rate)
    write_wav(tmp_path / "a.wav", samples, rate)
    got = decode(tmp_path / "a.wav")
    assert abs(len(got) - 16000) <= 1
    reference = chirp(1.0, 16000)[: len(got)]
    assert np.abs(got[200:-200] - reference[200 : len(got) - 200]).max() < 0.01


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp3", "libmp3lame"), ("a.m4a", "aac"), ("a.aac", "aac"), ("a.flac", "flac"),
     ("a.opus", "libopus"), ("b.m4a", "alac")],
)  # fmt: skip
def test_codecs_keep_time(tmp_path: Path, name: str, codec: str) -> None:
    samples = chirp(2.0, 48000)
    path = encode_sound(tmp_path / name, samples[None], 48000, codec)
    got = decode(path, 48000)
    raw_stream = path.suffix == ".aac"  # ADTS does not say how much the encoder put in front
    assert abs(lag(samples, got) - (1024 if raw_stream else 0)) <= 48
    assert abs(probe_audio(path).duration - 2.0) < 0.07
    assert abs(probe_audio(path).duration - len(got) / 48000) < 1e-9


def test_video_file_as_sound(tmp_path: Path) -> None:
    path = encode_sound(
        tmp_path / "film.mp4", chirp(1.0, 44100)[None], 44100, "aac", with_video=True
    )
    assert lag(chirp(1.0, 44100), decode(path, 44100)) == 0
    assert probe_audio(path).codec == "aac"


def test_surround_is_mixed_with_the_voice_of_the_centre(tmp_path: Path) -> None:
    voice, noise = chirp(1.0, 48000), np.zeros(48000, np.float32)
    channels = np.stack([noise, noise, voice, np.ones_like(voice), noise, noise])  # FL FR FC LFE ..
    path = encode_sound(tmp_path / "film.mkv", channels, 48000, "flac", "5.1")
    got = decode(path, 48000)
    assert probe_audio(path).channels == 6
    assert np.corrcoef(got, voice)[0, 1] > 0.999
    assert 0.15 < np.abs(got).max() < 0.5


def test_stereo_is_the_mean(tmp_path: Path) -> None:
    left = chirp(0.5, 16000)
    write_wav(tmp_path / "s.wav", np.stack([left, np.zeros_like(left)], axis=1), 16000)
    assert np.abs(decode(tmp_path / "s.wav") - left / 2).max() < 1e-4


@pytest.mark.parametrize(("bits", "kind"), [(8, "u1"), (24, None), (32, "<i4")])
def test_integer_widths(tmp_path: Path, bits: int, kind: str | None) -> None:
    samples = chirp(0.2, 16000)
    scaled = np.rint(samples * (2 ** (bits - 1) - 1)).astype("<i4")
    if kind == "u1":
        payload = (scaled + 128).astype("u1").tobytes()
    elif kind is None:
        payload = scaled.view("u1").reshape(-1, 4)[:, :3].tobytes()
    else:
        payload = scaled.astype(kind).tobytes()
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(payload, rate=16000, channels=1, bits=bits, tag=1))
    assert np.abs(decode(path) - samples).max() < (0.02 if bits == 8 else 1e-4)


def test_not_a_number_becomes_silence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    samples = chirp(0.5, 16000)
    samples[1000:1100] = np.nan
    samples[2000], samples[2001] = np.inf, 40.0
    path = tmp_path / "broken.wav"
    path.write_bytes(wav_bytes(samples.tobytes(), rate=16000, channels=1, bits=32, tag=3))
    got = decode(path)
    assert np.isfinite(got).all() and np.abs(got).max() <= 1
    assert (got[1000:1100] == 0).all() and got[2000] == 0
    assert "101 samples" in caplog.text and "broken.wav" in caplog.text


def test_silence_is_allowed_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_wav(tmp_path / "quiet.wav", np.zeros(16000), 16000)
    assert probe_audio(tmp_path / "quiet.wav").duration == 1.0
    assert "silent" in caplog.text


def test_truncated_wav_has_its_real_length(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    write_wav(path, chirp(4.0, 16000), 16000)
    path.write_bytes(path.read_bytes()[: 44 + 2 * 16000])
    assert abs(probe_audio(path).duration - 1.0) < 0.01


def test_title_in_an_unknown_encoding(tmp_path: Path) -> None:
    title = "Grüße".encode("latin-1")
    frame = b"TIT2" + (len(title) + 1).to_bytes(4, "big") + b"\0\0\x03" + title  # says: UTF-8
    tag = b"ID3\x03\0\0\0\0\0" + bytes([len(frame)]) + frame
    path = encode_sound(tmp_path / "a.mp3", chirp(1.0, 44100)[None], 44100, "libmp3lame")
    path.write_bytes(tag + path.read_bytes())
    assert abs(probe_audio(path).duration - 1.0) < 0.1


def test_sound_alone_starts_at_once_and_holes_are_silence(tmp_path: Path) -> None:
    samples = chirp(2.0, 48000)
    late = encode_sound(tmp_path / "late.mkv", samples[None], 48000, "flac", delay=0.7)
    assert abs(probe_audio(late).duration - 2.0) < 0.03
    holes = tuple(range(8, 12))  # FLAC packets of 4608 samples
    holed = encode_sound(tmp_path / "holed.mkv", samples[None], 48000, "flac", holes=holes)
    got = decode(holed, 48000)
    assert abs(len(got) - len(samples)) < 100
    assert lag(samples, got) == 0
    assert np.abs(got[9 * 4608 : 11 * 4608]).max() == 0


@pytest.mark.parametrize("delay", [0.436, 0.0, -0.25])
def test_the_sound_of_a_film_begins_with_its_first_picture(delay: float, tmp_path: Path) -> None:
    samples = chirp(2.0, 16000)
    path = encode_sound(
        tmp_path / "film.mkv", samples[None], 16000, "flac", with_video=True, delay=delay + 0.48,
        first_picture=12,
    )  # fmt: skip
    got = decode(path)
    assert probe_audio(path).duration == pytest.approx(2.0 + delay, abs=0.002)
    assert lag(samples, got) == pytest.approx(delay * 16000, abs=16)  # the file counts in ms


@pytest.mark.parametrize("codec", ["aac", "libopus"])
def test_small_holes_do_not_add_up(codec: str, tmp_path: Path) -> None:
    samples = chirp(4.0, 48000)
    holes = tuple(number for number in range(10, 190) if number % 20 in (0, 1))
    path = encode_sound(tmp_path / "holed.mkv", samples[None], 48000, codec, holes=holes)
    got = decode(path, 48000)
    assert len(got) == pytest.approx(len(samples), abs=1100)  # the last packet is filled up
    for second in (1, 2, 3):
        here = slice(second * 48000, second * 48000 + 24000)
        assert abs(lag(samples[here], got[here])) < 48


def test_nothing_is_done_about_times_that_jitter(tmp_path: Path) -> None:
    samples = chirp(2.0, 44100)
    path = encode_sound(tmp_path / "a.mkv", samples[None], 44100, "flac")
    plain = decode(path, 44100)
    rng = np.random.default_rng(1)
    jitters = rng.uniform(-0.006, 0.006, 100)
    jitters[20] = 0.05  # one packet far off, those around it not
    stirred = tmp_path / "b.mkv"
    with av.open(str(path)) as source, av.open(str(stirred), "w", format="matroska") as output:
        stream = output.add_stream_from_template(source.streams.audio[0])
        for packet, jitter in zip(source.demux(audio=0), jitters, strict=False):
            if packet.size:
                packet.pts = packet.dts = max(0, round(packet.pts + 1000 * jitter))
                packet.stream = stream
                output.mux_one(packet)
    assert np.array_equal(decode(stirred, 44100), plain)


def test_a_cover_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w", format="mp4") as output:
        sound = output.add_stream("aac", rate=16000, layout="mono")
        cover = output.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        picture = av.VideoFrame(64, 64, "yuvj420p")
        picture.pts, picture.time_base = 0, Fraction(1, 25)
        output.mux([*cover.encode(picture), *cover.encode(None)])
        frame = av.AudioFrame.from_ndarray(chirp(1.0, 16000)[None], "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 16000, 8000, Fraction(1, 16000)
        output.mux([*sound.encode(frame), *sound.encode(None)])
    assert probe_audio(path).duration == pytest.approx(1.0, abs=0.1)


def test_what_is_no_sound(tmp_path: Path) -> None:
    assert "check the path" in message(tmp_path / "no such é.wav")
    (tmp_path / "folder").mkdir()
    assert "folder" in message(tmp_path / "folder")
    (tmp_path / "empty.wav").touch()
    assert "is empty" in message(tmp_path / "empty.wav")
    (tmp_path / "note.mp3").write_text("This is a note, not a recording.\n" * 3)
    assert "WAV" in message(tmp_path / "note.mp3")
    (tmp_path / "header.wav").write_bytes(wav_bytes(b"", rate=16000, channels=1, bits=16, tag=1))
    assert "header.wav" in message(tmp_path / "header.wav")


def test_video_without_sound(tmp_path: Path) -> None:

    path = tmp_path / "mute.mp4"
    with VideoWriter(path, OutputSpec((64, 64), Fraction(25))) as video:
        video.write(np.zeros((64, 64, 3), np.uint8))
    assert "no sound track" in message(path)


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Half an hour of sound (8 kHz) passes through in a few megabytes."""
    path = tmp_path / "long.wav"
    minute = (chirp(60.0, 8000) * 32767).astype("<i2").tobytes()
    path.write_bytes(wav_bytes(minute * 30, rate=8000, channels=1, bits=16, tag=1))
    tracemalloc.start()
    try:
        assert sum(len(block) for block in decode_blocks(path, 16000)) == 1800 * 16000
        assert tracemalloc.get_traced_memory()[1] < 12e6
    finally:
        tracemalloc.stop()


def test_no_warning_for_a_sound_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = encode_sound(tmp_path / "a.mp3", chirp(1.0, 44100)[None], 44100, "libmp3lame")
    with caplog.at_level(logging.WARNING):
        decode(path)
        probe_audio(path)
    assert not caplog.records


@pytest.mark.parametrize(("codec", "extension"), [("aac", "m4a"), ("libopus", "mkv")])
def test_eight_channels(codec: str, extension: str, tmp_path: Path) -> None:
    """PyAV reads a ninth plane of such sound that is not there, which ends the process."""
    path = tmp_path / f"surround.{extension}"
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(48000) / 48000)
    eight = np.repeat(tone.astype(np.float32), 8)[None]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48000, layout="7.1")
        for start in range(0, eight.shape[1], 8 * 960):
            block = np.ascontiguousarray(eight[:, start : start + 8 * 960])
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout="7.1")
            frame.sample_rate, frame.pts = 48000, start // 8
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert probe_audio(path).channels == 8
    (heard,) = decode_blocks(path, 48000)
    assert np.abs(heard).max() == pytest.approx(0.2, abs=0.05)
    video = tmp_path / "video.webm"
    with VideoWriter(video, OutputSpec((64, 64), Fraction(25)), path) as writer:
        for _ in range(25):
            writer.write(np.zeros((64, 64, 3), np.uint8))
    assert probe_audio(video).channels == 8
