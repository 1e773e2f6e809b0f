"""SyncNet against the official network, in torch and in the converted ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[wav2lip]")
pytest.importorskip("onnx", reason="onnx is not installed: pip install .[wav2lip]")

from tests.engines import recipe  # noqa: E402
from tests.engines.wav2lip import kept_numbers  # noqa: E402

from lipwright.evaluation.syncnet.onnx_export import convert_syncnet  # noqa: E402
from lipwright.evaluation.syncnet.torch_model import SyncNet  # noqa: E402

CLOSE = 1e-3  # of the largest number


@pytest.fixture(scope="module")
def network() -> Any:
    return recipe.fill(SyncNet())


@pytest.fixture(scope="module")
def converted(network, tmp_path_factory) -> list[Any]:
    import onnxruntime

    folder = tmp_path_factory.mktemp("converted")
    torch.save(network.state_dict(), folder / "syncnet_v2.model")
    paths = [folder / "hear.onnx", folder / "see.onnx"]
    convert_syncnet(folder / "syncnet_v2.model", paths)
    return [onnxruntime.InferenceSession(p, providers=["CPUExecutionProvider"]) for p in paths]


def in_torch(network: Any, mfcc: np.ndarray, lip: np.ndarray) -> list[np.ndarray]:
    with torch.no_grad():
        return [v.numpy() for v in network(torch.from_numpy(mfcc), torch.from_numpy(lip))]


def in_onnx(converted: list[Any], mfcc: np.ndarray, lip: np.ndarray) -> list[np.ndarray]:
    hear, see = converted
    films = lip.reshape(len(lip), 15, 224, 224)
    return [hear.run(None, {"mfcc": mfcc})[0], see.run(None, {"lips": films})[0]]


def check(found: list[np.ndarray], wanted: list[np.ndarray]) -> None:
    for ours, theirs in zip(found, wanted, strict=True):
        assert np.abs(ours - theirs).max() < CLOSE * np.abs(theirs).max()


def test_keys_and_shapes_are_the_official_ones(network):
    assert recipe.key_digest(recipe.shapes_of(network)) == kept_numbers.numbers()["keys.syncnet_v2"]


def test_the_official_numbers(network, converted):
    official = recipe.parity("syncnet_v2")
    inputs = official["mfcc"], official["lip_u8"].astype(np.float32)
    wanted = [official["audio_embedding"], official["lip_embedding"]]
    check(in_torch(network, *inputs), wanted)
    check(in_onnx(converted, *inputs), wanted)


def test_the_kept_numbers(network, converted):
    inputs = kept_numbers.syncnet_inputs()
    wanted = [kept_numbers.array("syncnet_sound"), kept_numbers.array("syncnet_seen")]
    for found in in_torch(network, *inputs), in_onnx(converted, *inputs):
        check([value[:, ::8] for value in found], wanted)
