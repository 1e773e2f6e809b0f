"""LipGAN's four published generators as tables of layers.

Prajwal K R et al. (2019), "Towards Automatic Face-to-Face Translation". Layers, strides and the
order in which they are made follow the authors' code (github.com/Rudrabha/LipGAN): the branch
`fully_pythonic` hears a mel spectrogram, `master` MFCCs; both have a residual network, whose
weights were published, and a basic one. Written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from lipwright.engines.lipgan.graph import GraphBuilder, Layer, Pair, Shape

Sound = Literal["mel", "mfcc"]
Depth = Literal["residual", "basic"]
FACE: Shape = (96, 96, 6)
SOUNDS: dict[Sound, Shape] = {"mel": (80, 27, 1), "mfcc": (12, 35, 1)}
"""What they hear: bands, columns, and one channel."""
DEPTHS: tuple[Depth, ...] = ("residual", "basic")
FACE_INPUT, SOUND_INPUT = "input_face", "input_audio"
ROW_ABOVE = "row of zeros on top"
Stage = tuple[int, int | Pair] | str
"""Filters and stride of a block; or `ROW_ABOVE`, which goes before the next one."""


def network(sound: Sound, depth: Depth) -> tuple[Layer, ...]:
    """Return the layers of a generator, in the order of its files; see `GraphBuilder.layers`."""
    return _NETWORKS[sound, depth](SOUNDS[sound])


def _residual(sound: Shape, stages: Sequence[Stage], blocks: Sequence[int]) -> tuple[Layer, ...]:
    """The residual network: after each stage of the sound so many residual blocks."""
    graph = GraphBuilder()
    face = graph.input(FACE_INPUT, FACE)
    heard = graph.input(SOUND_INPUT, sound)
    skips = [x := graph.block(face, 32, 7)]
    for filters, kernel, count in ((64, 5, 2), (128, 3, 3), (256, 3, 2), (512, 3, 2)):
        skips.append(x := _repeat(graph, graph.block(x, filters, kernel, 2), count))
    skips.append(x := graph.block(x, 512, 3, 2))
    seen = graph.block(graph.block(x, 512, 3, 1, "valid"), 512, 1)
    vector = _sound_vector(graph, heard, stages, blocks, 512)
    x = graph.growing_block(graph.concatenation(seen, vector), 512, stride=3)
    for filters, skip in zip((512, 256, 128, 64, 32), reversed(skips[1:]), strict=True):
        x = graph.growing_block(graph.concatenation(skip, x), filters)
        x = _repeat(graph, x, 2 if filters > 32 else 0)
    return _drawn(graph, graph.concatenation(skips[0], x))


def _basic(sound: Shape, stages: Sequence[Stage], vector: int, dead: int) -> tuple[Layer, ...]:
    """The basic network: no residual blocks, and branches that nothing sees.

    vector: what the sound becomes, beside 256 numbers of the face. dead: branches on the face.
    """
    graph = GraphBuilder()
    face = graph.input(FACE_INPUT, FACE)
    heard = graph.input(SOUND_INPUT, sound)
    skips = [x := graph.block(face, 32, 11)]
    for filters, kernel in ((64, 7), (128, 5), (256, 3), (512, 3), (512, 3)):
        skips.append(x := graph.block(x, filters, kernel, 2))
    seen = graph.block(graph.block(x, 512, 3, 1, "valid"), 256, 1)
    for _ in range(dead):
        graph.block(seen, 256, 1)  # it only counts in the names of those after it
    spoken = _sound_vector(graph, heard, stages, (0,) * len(stages), vector)
    both = graph.concatenation(seen, spoken)
    graph.block(both, 512, 1)  # likewise
    x = graph.growing_block(both, 512, stride=3)
    for filters, skip in zip((512, 256, 128, 64, 32), reversed(skips[1:]), strict=True):
        x = graph.growing_block(graph.concatenation(skip, x), filters)
    return _drawn(graph, graph.concatenation(skips[0], x))


def _sound_vector(
    graph: GraphBuilder, x: str, stages: Sequence[Stage], blocks: Sequence[int], vector: int
) -> str:
    """From the sound's picture to one vector."""
    counts = iter(blocks)
    for stage in stages:
        if isinstance(stage, str):
            x = graph.zero_row_above(x)
        else:
            x = _repeat(graph, graph.block(x, stage[0], 3, stage[1]), next(counts))
    height, width, _ = graph.made[x].shape
    return graph.block(graph.block(x, 512, (height, width), 1, "valid"), vector, 1)


def _repeat(graph: GraphBuilder, x: str, count: int) -> str:
    for _ in range(count):
        x = graph.residual(x)
    return x


def _drawn(graph: GraphBuilder, x: str) -> tuple[Layer, ...]:
    x = graph.block(graph.block(x, 16), 16)
    return graph.layers(graph.prediction(x))


_MEL_STAGES: tuple[Stage, ...] = ((32, 1), (64, 3), (128, (3, 1)), (256, 3))
_BASIC_MEL_STAGES: tuple[Stage, ...] = (
    (32, 1), (32, 1), (32, 1), (64, 3), (64, 1), (64, 1), (128, (3, 1)), (128, 1), (128, 1),
    (256, 3), (256, 1), (256, 1),
)  # fmt: skip
_MFCC_STAGES: tuple[Stage, ...] = (
    (128, 1), ROW_ABOVE, (256, (1, 2)), (512, 2), (512, 2),
)  # fmt: skip
_BASIC_MFCC_STAGES: tuple[Stage, ...] = (
    (128, 1), ROW_ABOVE, (256, (1, 2)), (256, 1), (256, 2), (512, 2),
)  # fmt: skip
_NETWORKS: dict[tuple[Sound, Depth], Callable[[Shape], tuple[Layer, ...]]] = {
    ("mel", "residual"): lambda sound: _residual(sound, _MEL_STAGES, (2, 2, 2, 2)),
    ("mfcc", "residual"): lambda sound: _residual(sound, _MFCC_STAGES, (3, 2, 2, 1)),
    ("mel", "basic"): lambda sound: _basic(sound, _BASIC_MEL_STAGES, 512, 0),
    ("mfcc", "basic"): lambda sound: _basic(sound, _BASIC_MFCC_STAGES, 256, 1),
}
