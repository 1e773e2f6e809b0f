"""The networks against the official ones, number by number, in torch and in the converted ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[wav2lip]")
pytest.importorskip("onnx", reason="onnx is not installed: pip install .[wav2lip]")

from tests.engines import recipe  # noqa: E402
from tests.engines.wav2lip import kept_numbers  # noqa: E402

from lipwright.engines.wav2lip import onnx_export  # noqa: E402
from lipwright.engines.wav2lip.row_cropping import cut_rows  # noqa: E402
from lipwright.engines.wav2lip.torch_model import Expert, Generator  # noqa: E402

CLOSE = 1e-4


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def generator() -> Any:
    return recipe.fill(Generator())


@pytest.fixture(scope="module")
def expert() -> Any:
    return recipe.fill(Expert())


def run(network: Any, *inputs: np.ndarray) -> list[np.ndarray]:
    with torch.no_grad():
        outputs = network(*(torch.from_numpy(value) for value in inputs))
    return [value.numpy() for value in (outputs if isinstance(outputs, tuple) else (outputs,))]


@pytest.fixture(scope="module")
def converted(generator, expert, tmp_path_factory) -> dict[str, Any]:
    """ONNX sessions of checkpoint files with the weights by rule."""
    import onnx
    import onnxruntime

    folder: Path = tmp_path_factory.mktemp("converted")
    paths = {name: folder / f"{name}.onnx" for name in ("face", "speech", "expert")}
    torch.save({"state_dict": generator.state_dict()}, folder / "generator.pth")
    torch.save(expert.state_dict(), folder / "expert.pth")
    onnx_export.convert_generator(folder / "generator.pth", [paths["face"], paths["speech"]])
    onnx_export.convert_expert(folder / "expert.pth", [paths["expert"]])
    for path in paths.values():
        kinds = {node.op_type for node in onnx.load(path).graph.node}
        assert "BatchNormalization" not in kinds
    return {
        name: onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        for name, path in paths.items()
    }


def redraw(converted: dict[str, Any], mel: np.ndarray, face: np.ndarray) -> np.ndarray:
    """The generator, as the two networks it is converted to."""
    added = converted["face"].run(None, {"face": face})
    names = [entry.name for entry in converted["speech"].get_inputs()[1:]]
    return converted["speech"].run(None, {"mel": mel, **dict(zip(names, added, strict=True))})[0]


@pytest.mark.parametrize(
    ("name", "network"), [("wav2lip_generator", Generator), ("wav2lip_expert", Expert)]
)
def test_keys_and_shapes_are_the_official_ones(name, network):
    assert recipe.key_digest(recipe.shapes_of(network())) == kept_numbers.numbers()[f"keys.{name}"]


def test_the_generator_in_torch(generator):
    official = recipe.parity("wav2lip_generator")
    (drawn,) = run(generator, official["mel"], official["face"])
    assert np.abs(drawn - official["out"]).max() < CLOSE


def test_the_generator_in_onnx(converted):
    official = recipe.parity("wav2lip_generator")
    assert (
        np.abs(redraw(converted, official["mel"], official["face"]) - official["out"]).max() < CLOSE
    )


def test_the_expert_in_torch_and_in_onnx(expert, converted):
    official = recipe.parity("wav2lip_expert")
    mel, face = official["mel"], official["face"]
    ours = run(expert, mel, face), converted["expert"].run(None, {"mel": mel, "face": face})
    for sound, seen in ours:
        assert np.abs(sound - official["audio_embedding"]).max() < CLOSE
        assert np.abs(seen - official["face_embedding"]).max() < CLOSE


def test_the_generator_gives_the_kept_numbers(generator, converted):
    mel, face = kept_numbers.generator_inputs()
    kept = kept_numbers.array("generator")
    (drawn,) = run(generator, mel, face)
    assert np.abs(drawn[:, :, ::8, ::8] - kept).max() < CLOSE
    assert np.abs(redraw(converted, mel, face)[:, :, ::8, ::8] - kept).max() < CLOSE


def test_the_expert_gives_the_kept_numbers(expert, converted):
    mel, face = kept_numbers.expert_inputs()
    kept = kept_numbers.array("expert_sound"), kept_numbers.array("expert_seen")
    for ours in run(expert, mel, face), converted["expert"].run(None, {"mel": mel, "face": face}):
        for found, wanted in zip(ours, kept, strict=True):
            assert np.abs(found[:, ::4] - wanted).max() < CLOSE


@pytest.mark.parametrize("first", [0, 1, 2, 40, 47, 95])
def test_lower_rows_alone_are_the_same(converted, first):
    mel, face = kept_numbers.generator_inputs()
    names = [entry.name for entry in converted["speech"].get_inputs()[1:]]
    added = converted["face"].run(None, {"face": face})
    cut = cut_rows(added, first)
    assert (first < 10) == (cut[-1].shape == added[-1].shape)
    inputs = {"mel": mel, **dict(zip(names, cut, strict=True))}
    lower = converted["speech"].run(None, inputs)[0]
    whole = redraw(converted, mel, face)
    np.testing.assert_allclose(lower[:, :, first - 96 :], whole[:, :, first:], atol=1e-6)


def test_one_face_serves_many_frames(converted):
    """What a still picture adds is worked out once, and batches may have any length."""
    mel, face = kept_numbers.generator_inputs()
    alone = np.concatenate([redraw(converted, mel[i : i + 1], face[:1]) for i in range(2)])
    np.testing.assert_allclose(redraw(converted, mel, face[:1]), alone, atol=1e-5)
