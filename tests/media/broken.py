"""A corpus of broken and hostile media, made on the spot: the same for the same seed.

    python -m tests.media.broken FOLDER SEED

writes it, to look at, or to be read with `python -m tests.media.surviving FOLDER`.
"""

from __future__ import annotations

import io
import struct
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from lipwright.pipeline.captions import Cue
from tests.helpers import tone, write_wav
from tests.media.sounds import encode_sound, wav_bytes

SIDE, FRAMES = 96, 24
CUTS, FLIPS, SIZES = 4, 10, 6
"""How many of each kind of damage are done to each whole file."""
HEAD = 4000  # bytes in which most of what can go wrong stands
LONG_TIME = 40_000_000  # s

PLAYLISTS = {
    "concat.mp4": "ffconcat version 1.0\nfile whole.mp4\nfile whole.mp4\n",
    "concat-away.mp4": "ffconcat version 1.0\nfile /etc/passwd\n",
    "hls.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nwhole.mp4\n#EXT-X-ENDLIST\n",
    "hls.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nwhole.ts\n#EXT-X-ENDLIST\n",
    "hls-away.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n",
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "dash.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    '<Period><AdaptationSet><Representation id="1" mimeType="video/mp4" bandwidth="1">'
    "<BaseURL>whole.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "text.mp4": "This is a letter, and no film at all.\n" * 200,
    "captions.mp4": "1\n00:00:00,000 --> 00:00:02,000\nHello\n\n" * 50,
    "captions.vtt": "WEBVTT\n\n00:00.000 --> 00:02.000\nHello\n",
    "drawing.mp4": '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "metadata.mkv": ";FFMETADATA1\ntitle=x\n",
    "pattern%02d.png": "no picture",
}


def write_corpus(folder: Path, seed: int) -> list[Path]:
    """Writes some hundred files; the whole ones they were made from are named whole.*."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    whole = {path: path.read_bytes() for path in write_whole(folder)}
    made = [*whole]
    for path, data in whole.items():
        others = [data for other, data in whole.items() if other != path]
        for kind, broken in damaged(data, others, rng):
            made.append(path.with_name(f"{path.stem}-{kind}{path.suffix}"))
            made[-1].write_bytes(broken)
    for name, content in hostile(folder):
        made.append(folder / name)
        made[-1].write_bytes(content)
    return made


def write_whole(folder: Path) -> list[Path]:
    """A good file of each kind."""
    voice = write_wav(folder / "whole.wav", tone(1.0))
    pictures = [np.full((SIDE, SIDE, 3), 20 + 9 * i, np.uint8) for i in range(FRAMES)]
    films = [folder / f"whole.{kind}" for kind in ("mp4", "mov", "mkv", "webm", "gif")]
    for film in films:
        said = [] if film.suffix == ".gif" else [Cue(0.1, 0.9, ("Hello",))]
        with VideoWriter(
            film, OutputSpec((SIDE, SIDE), Fraction(25)), audio=voice, subtitles=said
        ) as video:
            for picture in pictures:
                video.write(picture)
    films += [film_of(folder / "whole.ts", "libx264"), film_of(folder / "whole.avi", "mpeg4")]
    films += [hdr_film(folder / "whole-hlg.mp4", 18), hdr_film(folder / "whole-pq.mkv", 16)]
    sounds = [("mp3", "libmp3lame"), ("m4a", "aac"), ("flac", "flac"), ("opus", "libopus")]
    for kind, codec in sounds:
        path = folder / f"whole-sound.{kind}"
        films.append(encode_sound(path, tone(1.0)[None], 16000, codec))
    return [voice, *films, *_pictures(folder)]


def _pictures(folder: Path) -> Iterator[Path]:
    pixels = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    clear = np.dstack([pixels, pixels[..., :1]])
    for kind in ("png", "jpg", "webp", "tiff", "bmp"):
        path = folder / f"whole-picture.{kind}"
        Image.fromarray(clear if kind in ("png", "webp") else pixels).save(path)
        yield path


def film_of(
    path: Path, codec: str, times: list[int] | None = None, size: int = SIDE, base: int = 25
) -> Path:
    """A film whose frames are shown at these times, in parts 1 / `base` of a second."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = size, size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 25)
        packets = []
        for number in range(len(times) if times else FRAMES):
            pixels = np.full((size, size, 3), 20 + 9 * number % 200, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            packets += stream.encode(frame)
        for number, packet in enumerate([*packets, *stream.encode(None)]):
            if times:
                packet.pts = packet.dts = times[number]
                packet.time_base = Fraction(1, base)
            output.mux(packet)
    return path


def hdr_film(path: Path, transfer: int) -> Path:
    """BT.2020 of 10 bits, PQ (16) or HLG (18)."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.colorspace, context.color_trc = 9, 9, transfer
        for number in range(FRAMES // 3):
            pixels = np.full((SIDE, SIDE, 3), 20 + 9 * number, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "bgr24")))
        output.mux(stream.encode(None))
    return path


def damaged(
    data: bytes, others: list[bytes], rng: np.random.Generator
) -> Iterator[tuple[str, bytes]]:
    """The kind of damage, and the bytes of the damaged file."""
    size = len(data)
    for number in range(CUTS):
        yield f"cut{number}", data[: int(rng.integers(1, size))]
    for number in range(FLIPS):
        broken = bytearray(data)
        for place in rng.integers(0, min(size, HEAD) if number % 2 else size, 8):
            broken[place] ^= 1 << int(rng.integers(8))
        yield f"flip{number}", bytes(broken)
    for number in range(SIZES):
        broken = bytearray(data)
        place = int(rng.integers(0, min(size, HEAD) - 4)) & ~3
        broken[place : place + 4] = [b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff"][number % 3]
        yield f"size{number}", bytes(broken)
    hole = int(rng.integers(0, size))
    yield "hole", data[:hole] + bytes(min(2000, size - hole)) + data[hole + 2000 :]
    other = others[int(rng.integers(len(others)))]
    place = int(rng.integers(1, size))
    yield "spliced", data[:place] + other[min(place, len(other) // 2) :]
    yield "twice", data + data[: int(rng.integers(1, size))]


def hostile(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Files that were made to do harm, or by programs that lie."""
    yield "empty.mp4", b""
    yield "nothing.mp4", b"\0\0\0\x18ftypisom" + bytes(300)
    yield from ((name, content.encode()) for name, content in PLAYLISTS.items())
    film = (folder / "whole.avi").read_bytes()
    yield "many-streams.avi", _many_streams(film, 10_000)
    yield "more-streams.avi", _many_streams(film, 120)
    yield "unknown.mov", (folder / "whole.mov").read_bytes().replace(b"avc1", b"zzz1")
    yield "enormous.avi", _sized_avi(film_of(folder / "raw.avi", "rawvideo").read_bytes(), 60_000)
    yield "enormous.webm", _sized_vp8(folder, 16_383)
    yield "growing.ts", _growing(folder)
    yield "call.webm", call(folder / "made-call.webm")
    yield from _times(folder)
    yield from _turned((folder / "whole.mov").read_bytes())
    yield from _sounds()
    yield from _pictures_that_lie()


def _many_streams(film: bytes, count: int) -> bytes:
    """An AVI that says it has so many streams, with a header for each."""
    start = film.index(b"LIST", film.index(b"hdrl"))
    format_ = film.index(b"strf", start)
    (length,) = struct.unpack_from("<I", film, format_ + 4)
    inside = film[start + 8 : format_ + 8 + length]
    return film[:start] + (b"LIST" + struct.pack("<I", len(inside)) + inside) * count + film[start:]


def _sized_avi(film: bytes, side: int) -> bytes:
    place = film.index(b"strf") + 12
    return film[:place] + struct.pack("<ii", side, side) + film[place + 8 :]


def _sized_vp8(folder: Path, side: int) -> bytes:
    """A WebM whose container says nothing wrong, but its pictures do."""
    data, start = film_of(folder / "vp8.webm", "libvpx").read_bytes(), b"\x9d\x01\x2a"
    true, claimed = (start + struct.pack("<HH", each, each) for each in (SIDE, side))
    return data.replace(true, claimed)


def _growing(folder: Path) -> bytes:
    """A film whose pictures become larger midway."""
    small = film_of(folder / "small.ts", "libx264").read_bytes()
    return small + film_of(folder / "large.ts", "libx264", size=3 * SIDE).read_bytes()


def call(path: Path) -> bytes:
    """What is recorded of a call: its pictures are of one size and then of another."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libvpx", rate=25)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        larger = av.CodecContext.create("libvpx", "w")
        larger.width, larger.height, larger.pix_fmt = 2 * SIDE, 3 * SIDE, "yuv420p"
        larger.time_base = Fraction(1, 25)
        for number in range(FRAMES):
            codec, size = (stream, SIDE) if number < FRAMES // 2 else (larger, 2 * SIDE)
            frame = av.VideoFrame(size, size if codec is stream else 3 * SIDE, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            for packet in codec.encode(frame):
                packet.stream = stream
                output.mux(packet)
    return path.read_bytes()


def _times(folder: Path) -> Iterator[tuple[str, bytes]]:
    late = LONG_TIME * 1000
    for name, times, base in (
        ("times-huge.mkv", [0, 40, late], 1000),
        ("times-far.mkv", [0, 2**50 // 1_000_000 * 1000], 1000),
        ("times-slow.mkv", [0, 18_000_000], 1000),
        ("times-fast.mkv", list(range(200)), 1000),
        ("times-negative.mkv", [-3000, -2960, 0, 40], 1000),
        ("times-gap.mp4", [0, 512, 12_800 * 36_000], 12_800),
    ):
        yield name, film_of(folder / f"made-{name}", "mpeg4", times, base=base).read_bytes()
    yield "times-same.avi", _same_times(folder)


def _same_times(folder: Path) -> bytes:
    """An AVI whose rate is 0."""
    data = bytearray((folder / "whole.avi").read_bytes())
    place = data.index(b"strh") + 28
    data[place : place + 8] = struct.pack("<II", 0, 0)
    return bytes(data)


def _turned(film: bytes) -> Iterator[tuple[str, bytes]]:
    """Films that shall be turned by impossible matrices."""
    place = film.index(b"tkhd") + 4 + 40
    for name, numbers in (
        ("zero", [0] * 9),
        ("skewed", [12345, -54321, 0, 99999, 1, 0, 0, 0, 0x40000000]),
        ("largest", [0x7FFFFFFF] * 9),
        ("smallest", [-0x80000000] * 9),
    ):
        matrix = struct.pack(">9i", *numbers)
        yield f"turned-{name}.mov", film[:place] + matrix + film[place + 36 :]


def _sounds() -> Iterator[tuple[str, bytes]]:
    sound = np.zeros(2000, "<i2").tobytes()
    yield "rate-zero.wav", wav_bytes(sound, rate=0, channels=1, bits=16, tag=1)
    yield "rate-huge.wav", wav_bytes(sound, rate=2**31 - 1, channels=1, bits=16, tag=1)
    yield "channels-none.wav", wav_bytes(sound, rate=16000, channels=0, bits=16, tag=1)
    yield "channels-many.wav", wav_bytes(sound * 80, rate=16000, channels=2000, bits=16, tag=1)
    yield "bits.wav", wav_bytes(sound, rate=16000, channels=1, bits=7, tag=1)
    numbers = np.array([np.nan, np.inf, -np.inf, 3e38, 0] * 400, "<f4").tobytes()
    yield "numbers.wav", wav_bytes(numbers, rate=16000, channels=1, bits=32, tag=3)
    yield "codec.wav", wav_bytes(sound, rate=16000, channels=1, bits=16, tag=0x1234)


def _pictures_that_lie() -> Iterator[tuple[str, bytes]]:
    file = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE)).save(file, "png")
    png = file.getvalue()
    yield "enormous.png", png[:16] + struct.pack(">II", 2**31 - 1, 2**31 - 1) + png[24:]
    yield "wide.png", png[:16] + struct.pack(">II", 70_000, 64) + png[24:]
    file = io.BytesIO()
    Image.new("P", (SIDE, SIDE)).save(file, "gif")
    gif = file.getvalue()
    yield "enormous.gif", gif[:6] + struct.pack("<HH", 65_535, 65_535) + gif[10:]
    yield "endless.gif", gif[:-1] + gif[13:-1] * 2000


if __name__ == "__main__":
    print(len(write_corpus(Path(sys.argv[1]), int(sys.argv[2]))), "files")
