"""LatentSync's files and devices: what loads, and what is said of what does not."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.engines import recipe

from lipwright.core.device import Device
from lipwright.core.errors import EngineError, MissingExtraError, ModelError
from lipwright.engines import create_engine
from lipwright.engines.latentsync.options import LatentSyncOptions
from lipwright.weights import find_entry

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[latentsync]")
pytest.importorskip("diffusers", reason="diffusers is not installed: pip install .[latentsync]")

from tests.engines.latentsync import small  # noqa: E402
from tests.engines.whisper.weights import hugging_face_weights  # noqa: E402

from lipwright.engines.latentsync import loading  # noqa: E402
from lipwright.engines.latentsync.memory import simulate  # noqa: E402
from lipwright.engines.latentsync.unet import UNet3D  # noqa: E402
from lipwright.engines.vae import make_vae, vae_weights  # noqa: E402


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """The files of a small LatentSync."""
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("files")
    state = small.unet().state_dict()
    torch.save({"state_dict": state, "global_step": 1}, folder / "unet.pt")
    save_file(state, folder / "unet.safetensors")
    save_file(small.codec().state_dict(), folder / "vae.safetensors")
    encoder = {f"model.{key}": value for key, value in hugging_face_weights().items()}
    save_file(encoder, folder / "whisper.safetensors")
    return folder


@pytest.fixture
def small_networks(monkeypatch, files) -> Path:
    """Loading as usual, of small networks."""
    paths = {loading.VAE_MODEL: "vae.safetensors", loading.WHISPER_MODEL: "whisper.safetensors"}
    monkeypatch.setattr(loading, "UNet3D", lambda: UNet3D(small.WIDTHS))
    monkeypatch.setattr(loading, "make_vae", lambda: make_vae(small.WIDTHS))
    monkeypatch.setattr(loading, "find_model", lambda name: files / paths[name])
    return files


def load(path: Path, size: int = 512) -> Any:
    return loading.load_networks(LatentSyncOptions(size=size, checkpoint=path), Device())


@pytest.mark.parametrize("name", ["unet.pt", "unet.safetensors"])
def test_both_kinds_of_file_give_the_same_networks(name, small_networks):
    networks = load(small_networks / name)
    sample, audio = small.normal(1, 1, 13, 2, 8, 8), small.normal(2, 2, 50, 384)
    wanted = small.unet()(sample, 501, audio)
    assert torch.allclose(networks._unet(sample, 501, audio), wanted, atol=1e-5)
    picture = small.normal(3, 1, 3, 16, 16)
    wanted = small.networks().encode(picture)
    assert torch.allclose(networks.encode(picture), wanted, atol=1e-5)
    assert networks._encoder.norm_last is False


def test_older_names_of_the_image_encoder():
    keys = recipe.official_keys("sd_vae")
    with torch.device("meta"):
        assert recipe.shapes_of(make_vae()) == keys
    new = {key: torch.zeros(1) for key in keys}
    old = {}
    for key, value in new.items():
        for before, today in loading_names().items():
            if ".attentions." in key and f".{today}." in key:
                key = key.replace(f".{today}.", f".{before}.")
                value = torch.zeros(2, 2, 1, 1) if key.endswith("weight") else value
        old[key] = value
    assert old.keys() != new.keys()
    renamed = vae_weights(old)
    assert renamed.keys() == new.keys()
    assert max(value.ndim for value in renamed.values()) == 2


def loading_names() -> dict[str, str]:
    from lipwright.engines.vae import OLD_ATTENTION

    return OLD_ATTENTION


class Harmful:
    def __reduce__(self) -> Any:
        return os.system, ("echo harm",)


def test_a_file_that_would_run_a_program_is_refused(tmp_path, small_networks):
    path = tmp_path / "unet.pt"
    torch.save({"state_dict": Harmful()}, path)
    with pytest.raises(ModelError, match=r"unet\.pt was refused .*system.*delete it"):
        load(path)


def test_a_truncated_file_is_damaged(tmp_path, small_networks):
    for name in ("unet.pt", "unet.safetensors"):
        path = tmp_path / name
        path.write_bytes((small_networks / name).read_bytes()[:-1000])
        with pytest.raises(ModelError, match=rf"{name} is damaged"):
            load(path)


def test_the_weights_of_another_network(tmp_path, small_networks):
    path = tmp_path / "unet.pt"
    torch.save({"state_dict": {"conv_in.weight": torch.zeros(1)}}, path)
    with pytest.raises(ModelError, match=r"unet\.pt holds the weights of another network"):
        load(path)


@pytest.mark.parametrize(("size", "model"), [(512, "latentsync-1.5"), (256, "latentsync")])
def test_the_other_versions_weights_are_told_by_their_length(size, model, tmp_path, small_networks):
    path = tmp_path / "mine.pt"
    path.touch()
    os.truncate(path, find_entry(model).files[0].bytes or 0)
    other = {256: 512, 512: 256}[size]
    with pytest.raises(ModelError, match=rf"mine\.pt .* {model}, .*choose the size {other}"):
        load(path, size)


def test_missing_weights_name_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path))
    for size, model in ((512, "latentsync"), (256, "latentsync-1.5")):
        with pytest.raises(ModelError, match=rf"lipwright models download {model}\."):
            create_engine("latentsync", {"size": size})


def test_without_diffusers_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "diffusers", None)
    for name in ("latentsync.loading", "latentsync.memory", "vae"):
        monkeypatch.delitem(sys.modules, f"lipwright.engines.{name}", raising=False)
    with pytest.raises(MissingExtraError, match=r'pip install "lipwright\[latentsync\]"'):
        create_engine("latentsync")


@pytest.mark.parametrize(("low", "cure"), [(False, "low_memory"), (True, "256 px, or run on")])
def test_a_gpu_with_too_little_memory(low, cure, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda index: (8, 6))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index: (4 << 30, 6 << 30))
    with pytest.raises(EngineError, match=rf"GPU cuda:0 has 4\.3 GB free .* 512 px: .*{cure}"):
        loading.load_networks(LatentSyncOptions(low_memory=low), Device("cuda"))


def test_the_memory_that_is_claimed():
    """8 GB at 256 px and 12 GB at 512, by the sizes of all that is held at once."""
    for size, limit in ((256, 8), (512, 12)):
        low, high = (simulate(size, low_memory) for low_memory in (True, False))
        assert low.unet == 2 * 1_267_944_644 and low.codec == 2 * 334_615_452 // 4
        assert low.peak < high.peak < limit * 1e9
        assert low.drawing < 0.7 * high.drawing and low.decoding < 0.3 * high.decoding
    side, widest = 64, 2 * 4 * 320
    assert high.drawing > 32 * side * side * widest * 2  # the widest layer of both halves
