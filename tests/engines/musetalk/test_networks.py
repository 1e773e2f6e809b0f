"""MuseTalk's networks against the official numbers."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from tests.engines import recipe

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[musetalk]")
pytest.importorskip("diffusers", reason="diffusers is not installed: pip install .[musetalk]")

from tests.engines.musetalk import small  # noqa: E402

from lipwright.engines.musetalk import configs  # noqa: E402
from lipwright.engines.musetalk.networks import (  # noqa: E402
    TorchNetworks,
    make_unet,
    masked,
    normal,
    positions,
)
from lipwright.engines.vae import OLD_ATTENTION, make_vae, vae_weights  # noqa: E402

CLOSE = 1e-4


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def far(ours, official: np.ndarray) -> float:
    ours = ours.numpy() if isinstance(ours, torch.Tensor) else ours
    assert ours.shape == official.shape
    return float(np.abs(ours.astype(np.float64) - official).max())


@pytest.mark.parametrize(("name", "make"), [("musetalk_unet", make_unet), ("sd_vae", make_vae)])
def test_full_size_keys_and_shapes_are_the_official_ones(name, make):
    with torch.device("meta"):
        found = recipe.shapes_of(make())
    assert found == recipe.official_keys(name)


def test_the_configuration_is_the_published_one():
    path = recipe.PARITY / "musetalk_unet_config.json"
    if not path.is_file():
        pytest.skip(f"the official configuration is not at {path}: set LIPWRIGHT_PARITY")
    published = json.loads(path.read_text(encoding="utf-8"))
    ours = json.loads(json.dumps(configs.UNET))
    assert {**ours, "_class_name": "UNet2DConditionModel"} == {
        key: value for key, value in published.items() if key != "_diffusers_version"
    }


def test_the_unet_and_its_parts():
    official = recipe.parity("musetalk_unet")
    assert far(positions(50, 384)[49], official["audio_pe_row49"]) < 1e-6
    network, seen = small.unet(), {}
    hooks = [
        part.register_forward_hook(lambda *of, name=name: seen.update({name: of[2]}))
        for name, part in (
            ("time_embedding", network.time_embedding),
            ("conv_in", network.conv_in),
            ("down0", network.down_blocks[0]),
            ("mid", network.mid_block),
        )
    ]
    try:
        with torch.inference_mode():
            out = small.networks().predict(
                *(torch.from_numpy(official[name]) for name in ("latents", "audio"))
            )
    finally:
        for hook in hooks:
            hook.remove()
    assert far(seen["time_embedding"], official["time_embedding"]) < CLOSE
    assert far(seen["conv_in"][0, :4], official["conv_in"]) < CLOSE
    assert far(seen["down0"][0][0], official["down0"]) < CLOSE
    assert far(seen["mid"][0], official["mid"]) < CLOSE
    assert far(out, official["out"]) < CLOSE


def test_a_face_is_masked_before_it_is_normalised():
    official = recipe.parity("musetalk_vae")
    image = torch.from_numpy(official["image_bgr"][..., ::-1].copy()).permute(2, 0, 1)[None]
    half, full = masked(image)[0], normal(image)[0]
    assert far(half[:, 127, :8], official["half_row127"]) < 1e-6
    assert far(half[:, 128, :8], official["half_row128"]) == 0 and half[:, 128:].eq(-1).all()
    assert far(full[:, 128, :8], official["full_row128"]) < 1e-6


def test_a_face_is_seen_and_drawn_as_officially():
    official = recipe.parity("musetalk_vae")
    seen = small.networks().see(official["image_bgr"][None])[0]
    assert far(seen, official["latents8"]) < CLOSE
    with torch.inference_mode():
        latents = torch.from_numpy(official["latents8"][None, 4:])
        pixels = small.vae().decode(latents / configs.LATENT_SCALE).sample[0]
        drawn = small.networks().decode(latents)[0]
        image = torch.from_numpy(official["image_bgr"][..., ::-1].copy()).permute(2, 0, 1)[None]
        spread = small.vae().encode(normal(image)).latent_dist
        moments = torch.cat([spread.mean, spread.logvar], dim=1)[0]
    assert far(moments, official["moments"]) < CLOSE
    assert far(pixels[:, ::8, ::8], official["decoded_float"]) < CLOSE
    assert far(drawn, official["decoded_bgr"]) <= 1


def test_older_names_of_the_vaes_attention_are_known():
    today = recipe.official_keys("sd_vae")
    older = {}
    for key in today:
        for old, new in OLD_ATTENTION.items():
            key = key.replace(f"attentions.0.{new}.", f"attentions.0.{old}.")
        older[key] = torch.empty(0)
    assert sum("proj_attn" in key or "query" in key for key in older) == 8
    assert list(vae_weights(older)) == list(today)


def test_half_precision_draws_the_same_but_for_rounding():
    official = recipe.parity("musetalk_unet")
    halved = TorchNetworks(
        copy.deepcopy(small.unet()), copy.deepcopy(small.vae()), small.encoder(), half=True
    )
    face = recipe.parity("musetalk_vae")["image_bgr"][None, 96:160, 96:160]  # a CPU is slow at it
    seen, audio = small.networks().see(face), official["audio"][:1]
    assert far(halved.see(face), seen) < 0.05
    drawn, whole = (each.draw(seen, audio).astype(float) for each in (halved, small.networks()))
    assert drawn.shape == (1, 64, 64, 3) and 0 < np.abs(drawn - whole).mean() < 3


def test_the_unet_is_compiled_where_that_is_wanted(monkeypatch):
    compiled = []

    def compile_network(network):
        compiled.append(network)
        return network

    monkeypatch.setattr(torch, "compile", compile_network)
    networks = TorchNetworks(small.unet(), small.vae(), small.encoder(), compiled=True)
    audio = np.zeros((1, 50, 384), np.float32)
    assert networks.draw(np.zeros((1, 8, 32, 32), np.float32), audio).shape == (1, 256, 256, 3)
    assert compiled == [small.unet()]


def test_batches_do_not_change_what_is_drawn():
    official = recipe.parity("musetalk_unet")
    networks = small.networks()
    together = networks.draw(official["latents"], official["audio"])
    alone = [
        networks.draw(official["latents"][i : i + 1], official["audio"][i : i + 1])[0]
        for i in range(2)
    ]
    assert far(together, np.stack(alone)) <= 1
