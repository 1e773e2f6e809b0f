"""Weights out of files: the right ones, and each kind of wrong one in a sentence."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.engines.recipe import parity

from lipwright.core.device import CPU
from lipwright.core.errors import EngineError, MissingExtraError, ModelError
from lipwright.engines import create_engine
from lipwright.engines.musetalk import MuseTalkEngine, MuseTalkOptions
from lipwright.engines.musetalk.weight_files import find_weights


@pytest.fixture
def empty_home(tmp_path, monkeypatch) -> Path:
    """No model is installed."""
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_missing_weights_name_the_command_and_the_licence(empty_home):
    with pytest.raises(ModelError) as raised:
        create_engine("musetalk")
    for part in ("unet.pth", "3.4 GB", "OpenRAIL", "run lipwright models download musetalk"):
        assert part in str(raised.value)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "musetalk/pytorch_model.bin"])
@pytest.mark.parametrize("whole_folder", [True, False])
def test_the_file_of_musetalk_1_0_is_refused(empty_home, tmp_path, name, whole_folder):
    path = tmp_path / "models" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"weights")
    with pytest.raises(ModelError, match=r"pytorch_model.bin .*MuseTalk 1\.0.*musetalkV15"):
        find_weights(tmp_path / "models" if whole_folder else path)


def test_a_folder_without_a_unet_is_told(empty_home, tmp_path):
    with pytest.raises(ModelError, match="holds no UNet of MuseTalk"):
        find_weights(tmp_path)


def official_folder(folder: Path) -> Path:
    """The files of the authors' program, empty."""
    for name in ("musetalkV15/unet.pth", "sd-vae/diffusion_pytorch_model.bin",
                 "whisper/pytorch_model.bin", "face-parse-bisent/79999_iter.pth"):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    return folder


def test_the_folder_of_the_authors_program_is_known(empty_home, tmp_path):
    folder = official_folder(tmp_path / "models")
    found = find_weights(folder)
    assert found.unet == folder / "musetalkV15/unet.pth"
    assert found.vae.parent.name == "sd-vae" and found.encoder.parent.name == "whisper"
    assert found.parser is not None and found.parser.name == "79999_iter.pth"
    preferred = folder / "sd-vae/diffusion_pytorch_model.safetensors"
    preferred.write_bytes(b"")
    assert find_weights(folder).vae == preferred


def test_without_diffusers_the_extra_is_named(empty_home, tmp_path, monkeypatch):
    folder = official_folder(tmp_path / "models")
    monkeypatch.setitem(sys.modules, "diffusers", None)
    for name in ("loading", "networks"):
        monkeypatch.delitem(sys.modules, f"lipwright.engines.musetalk.{name}", raising=False)
    with pytest.raises(MissingExtraError, match=r'pip install "lipwright\[musetalk\]"'):
        create_engine("musetalk", {"checkpoint": folder})


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The small networks as files of all kinds, and the engine's networks as small."""
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[musetalk]")
    pytest.importorskip("diffusers", reason="diffusers is not installed: pip install .[musetalk]")
    from safetensors.torch import save_file
    from tests.engines.musetalk import small
    from tests.engines.recipe import fill
    from tests.engines.whisper.weights import hugging_face_weights

    from lipwright.engines.musetalk import loading
    from lipwright.engines.musetalk.face_parser import BiSeNet
    from lipwright.engines.musetalk.networks import make_unet
    from lipwright.engines.vae import OLD_ATTENTION, make_vae

    monkeypatch.setattr(loading, "make_unet", lambda: make_unet(**small.CHANNELS))
    monkeypatch.setattr(loading, "make_vae", lambda: make_vae(small.CHANNELS["block_out_channels"]))
    folder = official_folder(tmp_path / "models")
    torch.save(small.unet().state_dict(), folder / "musetalkV15/unet.pth")
    older = {}
    for key, value in small.vae().state_dict().items():
        for old, new in OLD_ATTENTION.items():
            key = key.replace(f"attentions.0.{new}.", f"attentions.0.{old}.")
        older[key] = value
    save_file(older, folder / "sd-vae/diffusion_pytorch_model.safetensors")
    heard = {f"model.{key}": value for key, value in hugging_face_weights().items()}
    heard["model.decoder.layer_norm.bias"] = torch.zeros(384)
    torch.save(heard, folder / "whisper/pytorch_model.bin")
    torch.save(fill(BiSeNet()).state_dict(), folder / "face-parse-bisent/79999_iter.pth")
    return folder


def load(folder: Path, **options) -> MuseTalkEngine:
    return MuseTalkEngine(MuseTalkOptions(checkpoint=folder, **options), CPU)


def test_networks_out_of_files_are_the_same(files, empty_home):
    from tests.engines.musetalk import small

    official = parity("musetalk_vae")
    ours = load(files, paste="official")._networks
    seen = ours.see(official["image_bgr"][None])
    np.testing.assert_array_equal(seen, small.networks().see(official["image_bgr"][None]))
    audio = parity("musetalk_unet")["audio"][:1]
    np.testing.assert_array_equal(ours.draw(seen, audio), small.networks().draw(seen, audio))
    labels = ours.parse(np.zeros((512, 512, 3), np.uint8))
    assert labels is not None and labels.shape == (512, 512)


class Malicious:
    """Runs a program when it is unpickled."""

    def __reduce__(self):
        return print, ("a stranger's program",)


def test_wrong_files_are_refused_by_name(files, empty_home, capsys):
    import torch

    path = files / "musetalkV15/unet.pth"
    good = path.read_bytes()
    state = torch.load(path, weights_only=True)
    short = dict(list(state.items())[3:])
    odd = {**state, "conv_in.bias": torch.zeros(7)}
    spoilt = {**state, "conv_in.bias": torch.full_like(state["conv_in.bias"], torch.nan)}
    for content, told in (
        (good[: len(good) // 2], "is damaged or no checkpoint"),
        (b"no weights", "is damaged or no checkpoint|was refused"),
        (pickle.dumps({"conv_in.weight": Malicious()}), "was refused because .*stranger's program"),
        (short, "weights of another network"),
        ({**state, "motion.weight": torch.zeros(1)}, "another network .*too many"),
        (odd, r"another network \(conv_in.bias is \(7,\)"),
        (spoilt, "no numbers"),
        ([1, 2], "is damaged or no checkpoint"),
    ):
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            torch.save(content, path)
        with pytest.raises(ModelError, match=told) as raised:
            load(files)
        assert str(path) in str(raised.value) and "models download" in str(raised.value)
    assert "a stranger's program" not in capsys.readouterr().out
    path.write_bytes(good)
    vae = files / "sd-vae/diffusion_pytorch_model.safetensors"
    vae.write_bytes(vae.read_bytes()[:1000])
    with pytest.raises(ModelError, match="diffusion_pytorch_model.safetensors is damaged"):
        load(files)


def test_half_precision_weights_of_a_file_are_drawn_with_whole_ones(files, empty_home):
    import torch

    path = files / "musetalkV15/unet.pth"
    state = torch.load(path, weights_only=True)
    torch.save({key: value.half() for key, value in state.items()}, path)
    ours = load(files)._networks
    seen = np.zeros((1, 8, 32, 32), np.float32)
    assert ours.draw(seen, np.zeros((1, 50, 384), np.float32)).shape == (1, 256, 256, 3)


def test_a_device_with_too_little_memory_is_a_sentence(files, empty_home, monkeypatch):
    import torch

    from lipwright.engines.musetalk import loading

    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(loading, "TorchNetworks", full)
    with pytest.raises(EngineError, match="not enough memory for MuseTalk's networks"):
        load(files)
