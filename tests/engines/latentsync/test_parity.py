"""LatentSync's networks, steps and windows against the official numbers."""

from __future__ import annotations

import zlib
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.engines import recipe
from tests.engines.latentsync.official import there_and_back, three_points
from tests.engines.whisper.sounds import long_sound, voice

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[latentsync]")
pytest.importorskip("diffusers", reason="diffusers is not installed: pip install .[latentsync]")

from tests.engines.latentsync import small  # noqa: E402

from lipwright.engines.latentsync.alignment import align  # noqa: E402
from lipwright.engines.latentsync.audio_features import WhisperWindows  # noqa: E402
from lipwright.engines.latentsync.diffusion import (  # noqa: E402
    Conditions,
    denoise,
    kept_signal,
    timesteps,
)
from lipwright.engines.latentsync.faces import SeenFaces  # noqa: E402
from lipwright.engines.latentsync.fixed_mask import latent_mask  # noqa: E402
from lipwright.engines.latentsync.official_image import cut_face  # noqa: E402
from lipwright.engines.latentsync.pasting import official_patch  # noqa: E402
from lipwright.engines.latentsync.sound_windows import official_count  # noqa: E402
from lipwright.engines.latentsync.unet import UNet3D  # noqa: E402
from lipwright.speech.speech import Speech  # noqa: E402

CLOSE = 1e-4
FPS = Fraction(25)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def off(ours, official: np.ndarray) -> float:
    """The largest difference."""
    assert tuple(ours.shape) == official.shape
    return float(np.abs(np.asarray(ours) - official).max())


def test_keys_and_shapes_of_the_full_network_are_the_official_ones_in_order():
    with torch.device("meta"):
        network = UNet3D()
    keys = recipe.official_keys("latentsync_unet")
    assert list(recipe.shapes_of(network).items()) == list(keys.items())


@pytest.mark.parametrize(
    ("name", "batch", "frames", "side", "step", "seed"),
    [("f16", 1, 16, 16, 501, 201), ("f5b2", 2, 5, 16, 1, 211), ("f3odd", 1, 3, 20, 951, 221)],
)
def test_the_network(name, batch, frames, side, step, seed):
    official = recipe.parity("latentsync_unet")
    sample = small.normal(seed, batch, 13, frames, side, side)
    audio = small.normal(seed + 1, batch * frames, 50, 384)
    sums = [zlib.crc32(value.numpy().tobytes()) for value in (sample, audio)]
    assert sums == list(official[f"{name}_crc32"])
    assert off(small.unet()(sample, step, audio), official[f"{name}_out"]) < CLOSE


def test_the_first_layers_and_the_middle():
    official, seen = recipe.parity("latentsync_unet"), {}
    network: Any = small.unet()
    first = network.down_blocks[0]
    layers = {
        "resnet0": first.resnets[0],
        "attn0": first.attentions[0],
        "motion0": first.motion_modules[0],
        "mid": network.mid_block,
    }
    hooks = [
        layer.register_forward_hook(lambda _, __, out, name=name: seen.update({name: out}))
        for name, layer in layers.items()
    ]
    network(small.normal(201, 1, 13, 16, 16, 16), 501, small.normal(202, 16, 50, 384))
    for hook in hooks:
        hook.remove()
    for name, value in seen.items():
        found = value.transpose(0, 1)
        if name != "mid":
            found = found[:4, :, :4, :4]
        assert off(found, official[name]) < CLOSE, name


def loop_inputs() -> tuple[Any, Conditions]:
    noise = small.normal(261, 1, 4, 1, 8, 8).repeat(1, 1, 3, 1, 1)
    mask, masked, reference = small.normal(262, 1, 9, 3, 8, 8).split([1, 4, 4], dim=1)
    return noise, Conditions(mask, masked, reference, small.normal(263, 3, 50, 384))


@pytest.mark.parametrize(("deep_cache", "name"), [(False, "plain"), (True, "deepcache")])
def test_five_guided_steps(deep_cache, name):
    official = recipe.parity("latentsync_deepcache")
    assert timesteps(5) == list(official["timesteps"])
    noise, given = loop_inputs()
    steps = list(denoise(small.unet(), noise, given, 5, 1.5, deep_cache))
    assert off(torch.cat(steps), official[f"latents_{name}"]) < 2e-4


@pytest.mark.parametrize("deep_cache", [False, True])
def test_short_of_memory_the_steps_give_the_same(deep_cache):
    noise, given = loop_inputs()
    drawn = [
        small.TorchNetworks(small.unet(), small.codec(), small.encoder(), low_memory=low).draw(
            noise, given, 5, 1.5, deep_cache
        )
        for low in (False, True)
    ]
    assert off(drawn[1], drawn[0].numpy()) < CLOSE


@pytest.mark.parametrize("deep_cache", [False, True])
def test_people_at_once_are_drawn_as_alone(deep_cache):
    noise, given = loop_inputs()
    others = Conditions(*(part.flip(-1) for part in vars(given).values()))
    network, people = small.networks(), Conditions.join([given, others])
    both = network.draw(torch.cat([noise, noise.flip(-1)]), people, 3, 1.5, deep_cache)
    alone = [
        network.draw(start, one, 3, 1.5, deep_cache)
        for start, one in ((noise, given), (noise.flip(-1), others))
    ]
    assert off(both, torch.cat(alone).numpy()) < CLOSE
    assert off(both[0], both[1].numpy()) > 1


@pytest.mark.parametrize("low", [False, True])
def test_the_unet_is_compiled_where_that_is_wanted(low, monkeypatch):
    runs: list[int] = []

    def compile_network(network):
        def compiled(sample, *others):
            runs.append(len(sample))
            return network(sample, *others)

        return compiled

    monkeypatch.setattr(torch, "compile", compile_network)
    noise, given = loop_inputs()
    parts = small.unet(), small.codec(), small.encoder()
    drawn = [
        small.TorchNetworks(*parts, low_memory=low, compiled=compiled).draw(
            noise, given, 2, 1.5, False
        )
        for compiled in (True, False)
    ]
    assert runs == ([1, 1, 1, 1] if low else [2, 2])
    assert torch.equal(*drawn)


def test_steps_and_signal():
    official = recipe.parity("latentsync_pipeline")
    for count in (3, 20, 50):
        assert timesteps(count) == list(official[f"timesteps_{count}"])
    probe = kept_signal()[[0, 1, 334, 667, 999]]
    np.testing.assert_array_equal(probe, official["alphas_cumprod_probe"])


def windows(sound: np.ndarray):
    speech = Speech.from_samples(sound, 16_000)
    return WhisperWindows(small.networks().hear, "official").read(speech, FPS, 0, 0)


def test_windows_of_sound():
    official = recipe.parity("latentsync_audio")
    reader = windows(voice())
    for number, chunk in zip(official["chunk_ids"], official["chunks"], strict=True):
        assert off(reader.at(int(number)), chunk) < 1e-3
    means = [reader.at(number).mean() for number in range(int(official["chunk_count"]))]
    assert off(np.array(means), official["chunk_means"]) < CLOSE
    np.testing.assert_array_equal(reader.at(500), reader.at(int(official["chunk_count"]) - 1))


def test_windows_of_a_long_sound_forwards_and_back():
    official = recipe.parity("latentsync_audio")
    reader = windows(long_sound())
    numbers = [int(number) for number in official["long_chunk_ids"]]
    for number, chunk in [*zip(numbers, official["long_chunks"], strict=True)][::-1]:
        assert off(reader.at(number), chunk) < 1e-3
    reader.at(0)
    assert off(reader.at(numbers[1]), official["long_chunks"][1]) < 1e-3


def test_the_pipeline_from_its_own_latents():
    official = recipe.parity("latentsync_pipeline")
    reader = windows(official["audio_int16"] / np.float32(32768))
    audio = torch.from_numpy(np.stack([reader.at(number) for number in range(16)]))
    noise = torch.from_numpy(official["noise"])[None, :, None].repeat(1, 1, 16, 1, 1)
    mask = torch.from_numpy(official["mask_latent"]).expand(1, 1, 16, -1, -1)
    masked, reference = (
        torch.from_numpy(official[f"{name}_latents"])[None] for name in ("masked", "reference")
    )
    found = []

    def network(*given):
        found.append(small.unet()(*given))
        return found[-1]

    steps = list(denoise(network, noise, Conditions(mask, masked, reference, audio), 3, 1.5))
    assert off(found[0][:, :, ::5], official["unet_out_first"]) < CLOSE
    assert off(torch.cat(steps), official["latents_after_step"]) < 5e-4


def test_the_pipeline_from_frames_and_sound_to_frames():
    official, size, networks = recipe.parity("latentsync_pipeline"), 128, small.networks()
    frames = official["frames_rgb"]
    reader = windows(official["audio_int16"] / np.float32(32768))
    count = official_count(19 * 2, FPS)
    assert count == int(official["result_count"])
    audio = np.stack([reader.at(number) for number in range(count)])
    for number, chunk in zip(official["audio_chunks_ids"], official["audio_chunks"], strict=True):
        assert off(audio[number], chunk) < 1e-3
    np.testing.assert_array_equal(latent_mask(size), official["mask_latent"])

    matrices, bias = [], None
    for landmarks in official["landmarks106"]:
        found = align(three_points(landmarks), size, bias)
        bias = found.bias
        matrices.append(found.matrix)
    faces = np.stack([cut_face(f, m, size) for f, m in zip(frames, matrices, strict=True)])
    shown = there_and_back(count, len(frames))
    seen = SeenFaces.see(networks, faces).pick(shown)
    first = seen.pick(range(16))
    assert off(first.masked.transpose(0, 1), official["masked_latents"]) < 2e-2
    assert off(first.reference.transpose(0, 1), official["reference_latents"]) < 2e-2

    values = []
    for start in range(0, count, 16):
        part = seen.pick(range(start, min(start + 16, count)))
        length = len(part.values)
        noise = torch.from_numpy(official["noise"])[None, :, None].repeat(1, 1, length, 1, 1)
        given = part.conditions(audio[start : start + length])
        latents = networks.draw(noise, given, 3, 1.5, False)[0]
        wanted = official["latents_last_window"] if start else official["latents_after_step"][-1]
        assert off(latents, wanted) < 5e-2
        values += list(part.paste(networks.decode(latents.transpose(0, 1))))
    for number, pasted in zip(official["pasted_ids"], official["pasted"], strict=True):
        assert off(values[number][:, ::2, ::2], pasted) < 2e-2
    for number, result in zip(official["result_ids"], official["results_rgb"], strict=True):
        image = np.ascontiguousarray(frames[shown[number]][..., ::-1])
        patch = official_patch(image, matrices[shown[number]], values[number], size)
        assert patch is not None and patch.box is not None
        x0, y0, x1, y1 = patch.box
        image[y0:y1, x0:x1] = patch.pixels
        assert np.abs(image[..., ::-1].astype(int) - result).max() <= 2
        assert abs(image.mean() - official["result_means"][number]) < 0.1
