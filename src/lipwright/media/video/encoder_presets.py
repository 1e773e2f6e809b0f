"""The video encoders of FFmpeg that lipwright uses, and how."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2

from lipwright.core.validation import QUALITIES

SPOOL = "spool"
"""The near lossless and fast quality of a file that does not stay."""
SPOOL_OPTIONS = (("preset", "ultrafast"), ("crf", "4"))

QUICKTIME_FILES = (".mov", ".mkv")
MPEG_FILES = (".mp4", ".m4v", *QUICKTIME_FILES)
AV1_FILES = (".mp4", ".mkv", ".webm")
VP9_FILES = (".webm", ".mkv", ".mp4")

Levels = tuple[str, str, str]
"""Values for low, medium and high quality."""
Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Encoder:
    """One encoder."""

    name: str
    """FFmpeg's own name."""
    short: str
    """Another name for it; empty for none."""
    codec: str
    """What the file holds, as people call it."""
    files: tuple[str, ...]
    """Extensions of the files it goes into."""
    option: str
    """The option that sets how well it encodes; or several, with spaces between."""
    levels: Levels
    """The value of that option, or of each of them."""
    options: Options = ()
    """All other options."""
    hardware: str = ""
    """What it needs; empty for a program that runs anywhere."""
    pixels: str = "yuv420p"
    """FFmpeg's name for the kind of picture it takes."""
    alpha_pixels: str | None = None
    """The same with transparency; None where there is none."""
    full_range: bool = True
    """Whether the file can say that black is 0 and white 255."""
    tag: str | None = None
    """What the codec is called in .mp4 and .mov, where FFmpeg's own choice is not played by all."""
    alpha_tag: str | None = None
    """The same with transparency."""

    @property
    def alpha(self) -> bool:
        """Whether it is to keep transparency."""
        return self.pixels == self.alpha_pixels

    def with_alpha(self) -> Encoder:
        """Return the same, to keep transparency; only for one that can."""
        assert self.alpha_pixels is not None
        return replace(self, pixels=self.alpha_pixels, tag=self.alpha_tag)

    def settings(self, quality: str) -> dict[str, str]:
        """Options for FFmpeg at "low", "medium" or "high" quality, or "spool" (libx264)."""
        if quality == SPOOL:
            return dict(SPOOL_OPTIONS)
        level = self.levels[QUALITIES.index(quality)]
        return {**dict(self.options), **dict.fromkeys(self.option.split(), level)}


# Measured on a talking head at 1080p, one core: preset veryfast costs 16 ms a frame; without
# B-frames, sub-pixel refinement and a long look-ahead 10 ms, at equal PSNR and 1.3 times the bits.
# Macroblock-tree rate control has to stay: a picture that mostly stands still needs a quarter of
# the bits with it.
X264_PARAMETERS = "bframes=0:subme=1:rc-lookahead=10:me=dia:mixed-refs=0:partitions=none"
# With AVX-512 x264's macroblock-tree reads memory that nobody wrote (build 165, where the number of
# macroblocks is no multiple of 16), and the same frames become other bytes from run to run.
UP_TO_AVX2 = ":asm=SSE2Fast,SSE4.2,BMI2,FMA3,AVX2"
OPENCV_AVX512 = 13
X264 = (
    ("preset", "veryfast"),
    (
        "x264-params",
        X264_PARAMETERS + (UP_TO_AVX2 if cv2.checkHardwareSupport(OPENCV_AVX512) else ""),
    ),
)
X265 = (("preset", "superfast"), ("x265-params", "log-level=error"))
SVT = (("preset", "10"),)
VP9 = (
    ("deadline", "realtime"),
    ("cpu-used", "8"),
    ("row-mt", "1"),
    ("lag-in-frames", "0"),
    ("static-thresh", "0"),
    ("b", "0"),
)

# The same numbers mean different things to different encoders. These give a face that sways at
# 1080p some 43, 44.5 and 46 dB of luma PSNR (ProRes 48 to 52), at high quality with 4.2 Mb/s of
# H.264, 2.1 of HEVC, 3.2 of AV1, 3.1 of VP9 and 95 of ProRes.
SOFTWARE = (
    Encoder("libx264", "x264", "H.264", MPEG_FILES, "crf", ("22", "20", "18"), X264),
    Encoder("libx265", "x265", "HEVC", MPEG_FILES, "crf", ("23", "21", "19"), X265, tag="hvc1"),
    Encoder("libsvtav1", "svtav1", "AV1", AV1_FILES, "crf", ("31", "24", "18"), SVT),
    Encoder(
        "libvpx-vp9",
        "vp9",
        "VP9",
        VP9_FILES,
        "crf",
        ("34", "31", "28"),
        VP9,
        alpha_pixels="yuva420p",
    ),
    Encoder(
        "prores_ks",
        "prores",
        "ProRes",
        QUICKTIME_FILES,
        "global_quality",
        ("1534", "1062", "590"),  # 13, 9 and 5 in units of 1/118
        (("flags", "+qscale"),),
        pixels="yuv422p10le",
        alpha_pixels="yuva444p10le",
        full_range=False,
        tag="apch",
        alpha_tag="ap4h",
    ),
)


def _family(
    kind: str,
    hardware: str,
    option: str,
    levels: dict[str, Levels],
    options: Options,
    pixels: str = "nv12",
) -> list[Encoder]:
    """The encoders of one maker, by codec; the first may be called by the family's name."""
    names = {"H.264": ("h264", MPEG_FILES), "HEVC": ("hevc", MPEG_FILES), "AV1": ("av1", AV1_FILES)}
    return [
        Encoder(
            name=f"{names[codec][0]}_{kind}",
            short=kind if codec == "H.264" else "",
            codec=codec,
            files=names[codec][1],
            option=option,
            levels=values,
            options=options,
            hardware=hardware,
            pixels=pixels,
            tag="hvc1" if codec == "HEVC" else None,
        )
        for codec, values in levels.items()
    ]


# How these compare with libx264 is not measured.
HARDWARE = (
    *_family(
        "nvenc",
        "an NVIDIA GPU",
        "cq",
        {"H.264": ("26", "23", "20"), "HEVC": ("28", "25", "22"), "AV1": ("34", "30", "26")},
        (("preset", "p4"), ("rc", "vbr"), ("b", "0"), ("bf", "0")),
        pixels="yuv420p",
    ),
    *_family(
        "qsv",
        "an Intel GPU",
        "global_quality",
        {"H.264": ("24", "21", "19"), "HEVC": ("26", "23", "21"), "AV1": ("30", "27", "24")},
        (("bf", "0"),),
    ),
    *_family(
        "amf",
        "an AMD GPU",
        "qp_i qp_p",
        {"H.264": ("24", "22", "20"), "HEVC": ("26", "24", "22")},
        (("rc", "cqp"), ("bf", "0")),
    ),
    *_family(
        "videotoolbox",
        "a Mac",
        "global_quality",
        {"H.264": ("5900", "6900", "7700"), "HEVC": ("5400", "6400", "7400")},
        (("flags", "+qscale"),),
    ),
)

ENCODERS = {encoder.name: encoder for encoder in (*SOFTWARE, *HARDWARE)}
