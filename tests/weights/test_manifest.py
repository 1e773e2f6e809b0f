"""The manifest that ships, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from lipwright.core.errors import UsageError
from lipwright.weights import find_entry, load_manifest, model_size, with_needs
from lipwright.weights.manifest import human_size
from tests.weights.conftest import entry
from tests.weights.hub import manifest_text

KNOWN = {
    "wav2lip": "b78b681b68ad9fe6c6fb1debc6ff43ad05834a8af8a62ffc4167b7b34ef63c37",
    "wav2lip-gan": "ca9ab7b7b812c0e80a6e70a5977c545a1e8a365a6c49d5e533023c034d7ac3d8",
    "syncnet": "961e8696f888fce4f3f3a6c3d5b3267cf5b343100b238e79b2659bff2c605442",
}


def test_every_model_tells_its_whole_story():
    models = load_manifest()
    assert {"wav2lip", "wav2lip-gan", "lipsync-expert", "syncnet"} <= set(models)
    assert {"musetalk", "latentsync", "sd-vae-ft-mse", "whisper-tiny"} <= set(models)
    for model in models.values():
        assert model.used_by and model.licence and model.note
        assert model.licence_url.startswith("https://")
        for file in model.files:
            assert file.sha256_from in ("publisher", "third party", "unknown")
            assert len(set(file.sources)) == len(file.sources)
            assert bool(file.sources) != bool(file.page)
            for source in file.sources:
                assert source.revision == "main" or len(source.revision) == 40


def test_the_sums_that_are_known():
    for name, digest in KNOWN.items():
        assert find_entry(name).files[0].sha256 == digest
        assert find_entry(name).files[0].sha256_from == "third party"
    assert find_entry("wav2lip").files[0].bytes == 435_807_851


def test_what_restricts_commerce_says_so():
    for name in ("wav2lip", "wav2lip-gan", "lipsync-expert"):
        assert find_entry(name).commercial is False
    assert find_entry("syncnet").commercial is None


def test_needs_come_once_each():
    names = [model.name for model in with_needs(["musetalk", "latentsync", "musetalk"])]
    assert names == ["musetalk", "latentsync", "sd-vae-ft-mse", "whisper-tiny"]


def test_a_name_that_is_nearly_right():
    with pytest.raises(UsageError, match="did you mean wav2lip-gan"):
        find_entry("wav2lip_gan")


def test_the_page_of_the_models_says_the_same():
    page = (Path(__file__).resolve().parents[2] / "docs" / "models.md").read_text("utf-8")
    allowed = {True: "yes", False: "no", None: "unknown"}
    for model in load_manifest().values():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{model.name}` |"))
        assert [cell.strip() for cell in row.split("|")][3] == model_size(model)
        assert [cell.strip() for cell in row.split("|")][5] == allowed[model.commercial]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (435_807_851, "436 MB"), (999_600_000, "1 GB"),
     (54_600_000, "54.6 MB"), (3_400_000_000, "3.4 GB"), (1_234_000_000_000, "1234 GB")],
)  # fmt: skip
def test_sizes_for_people(count, text):
    assert human_size(count) == text


def test_sizes_that_are_not_known_to_the_byte_show_it():
    assert human_size(None) == "?" and human_size(54_600_000, exact=False) == "~54.6 MB"
    assert model_size(find_entry("wav2lip")) == "436 MB"
    assert model_size(find_entry("whisper-tiny")) == "~151 MB"
    assert model_size(find_entry("musetalk")) == "?"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../up"},
        {"file": "../up"},
        {"file": ".hidden"},
        {"sha256": "ABC"},
        {"sha256_from": None},
        {"commercial": "maybe"},
        {"mirrors": ["no-slash@main:x"]},
        {"needs": ["nobody"]},
        {"page": "https://x.test/file", "repository": "a/b"},
    ],
    ids=str,
)
def test_a_wrong_manifest_is_refused(tmp_path, wrong):
    path = tmp_path / "manifest.toml"
    path.write_text(manifest_text([entry(**wrong)]))
    with pytest.raises(ValueError):
        load_manifest(path)
