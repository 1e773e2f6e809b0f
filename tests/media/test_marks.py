"""Marks are read back as they were written; a signature breaks when its file is changed."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipwright.core.errors import MediaError, MissingExtraError, UsageError
from lipwright.media.audio.decode import decode_blocks
from lipwright.media.audio.wav_info import MARKS
from lipwright.media.audio.wav_writer import write_wav
from lipwright.media.marks import read_marks
from lipwright.media.video.concat import join_parts
from lipwright.media.video.containers import CONTAINERS
from lipwright.media.video.content_credentials import ContentCredentials, check_can_be_signed
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from tests.certificates import SIGNER, write_certificate
from tests.helpers import hopper_path

CONSENT = "Consent of Anna Räo <anna@example.com> & co, 3 May 2026"


@pytest.fixture(scope="module")
def signing(tmp_path_factory) -> ContentCredentials:
    return ContentCredentials(*write_certificate(tmp_path_factory.mktemp("signer")))


def write(path: Path, credentials: Any = None, consent: str = CONSENT) -> Path:
    metadata = {"consent": consent} if consent else {}
    spec = OutputSpec((96, 64), Fraction(25))
    with VideoWriter(path, spec, metadata=metadata, credentials=credentials) as video:
        for number in range(10):
            video.write(np.full((64, 96, 3), 20 * number, np.uint8))
    return path


@pytest.mark.parametrize("extension", [kind for kind in CONTAINERS])
def test_every_kind_of_video_says_what_made_it(tmp_path, extension):
    marks = read_marks(write(tmp_path / f"ein Vidéo{extension}"))
    assert marks.ai_generated and marks.manifest is None and marks.unread is None
    assert marks.consent == CONSENT
    assert "lipwright" in " ".join([*marks.tags.values(), *marks.xmp.values()])


def test_without_words_about_consent_nothing_is_said(tmp_path):
    assert read_marks(write(tmp_path / "v.mp4", consent="")).consent is None


@pytest.mark.parametrize("kind", ["EC", "RSA", "Ed25519"])
def test_keys_of_each_kind_sign(tmp_path, kind):
    credentials = ContentCredentials(*write_certificate(tmp_path, kind))
    manifest = read_marks(write(tmp_path / "v.mp4", credentials)).manifest
    assert manifest is not None and manifest.valid


@pytest.mark.parametrize("extension", [".mp4", ".m4v", ".mov"])
def test_a_signature_fits_and_names_signer_and_consent(tmp_path, signing, extension):
    marks = read_marks(write(tmp_path / f"v{extension}", signing))
    manifest = marks.manifest
    assert manifest is not None and manifest.valid and manifest.ai_generated
    assert SIGNER in manifest.signer and manifest.generator.startswith("lipwright ")
    assert manifest.consent == CONSENT and marks.ai_generated
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"v{extension}"]


def test_joined_parts_are_signed_as_one(tmp_path, signing):
    parts = [write(tmp_path / f"{name}.mp4") for name in "ab"]
    whole = tmp_path / "whole.mp4"
    join_parts(parts, whole, Fraction(25), metadata={"consent": "yes"}, credentials=signing)
    marks = read_marks(whole)
    assert marks.manifest is not None and marks.manifest.valid and marks.consent == "yes"


def test_a_changed_video_no_longer_fits_its_signature(tmp_path, signing):
    path = write(tmp_path / "v.mp4", signing)
    content = bytearray(path.read_bytes())
    place = content.rindex(b"mdat") + 40
    content[place] ^= 1
    path.write_bytes(content)
    manifest = read_marks(path).manifest
    assert manifest is not None and not manifest.valid


def test_spoken_sound_is_marked_and_still_the_same_sound(tmp_path):
    path, samples = tmp_path / "s.wav", np.linspace(-0.5, 0.5, 999, dtype=np.float32)
    write_wav(path, samples, 44100, MARKS)
    assert read_marks(path).ai_generated
    heard = np.concatenate(list(decode_blocks(path, 44100)))
    assert heard.shape == samples.shape and np.abs(heard - samples).max() < 1e-4


def test_a_photograph_has_no_mark():
    marks = read_marks(hopper_path())
    assert not marks.ai_generated and marks.consent is None


def test_what_is_no_media_file_is_refused(tmp_path):
    path = tmp_path / "v.mp4"
    path.write_text("no video")
    with pytest.raises(MediaError, match="no video, sound or picture"):
        read_marks(path)
    with pytest.raises(MediaError, match="cannot be read"):
        read_marks(tmp_path / "not here.mp4")


def test_other_kinds_of_file_are_not_signed():
    with pytest.raises(UsageError, match=r"write \.mp4"):
        check_can_be_signed(CONTAINERS[".mkv"], Path("v.mkv"))


def test_a_key_of_another_certificate_is_refused(tmp_path):
    chain, _ = write_certificate(tmp_path, "EC")
    _, key = write_certificate(tmp_path, "RSA")
    with pytest.raises(UsageError, match="cannot sign"):
        ContentCredentials(chain, key)
    with pytest.raises(UsageError, match="cannot sign"):
        ContentCredentials(hopper_path(), key)
    with pytest.raises(MediaError, match="cannot be read"):
        ContentCredentials(chain, tmp_path / "none.key")


def test_without_the_optional_part_that_is_said(tmp_path, signing, monkeypatch):
    path = write(tmp_path / "v.mp4", signing)
    monkeypatch.setitem(sys.modules, "c2pa", None)
    assert "lipwright[c2pa]" in str(read_marks(path).unread)
    with pytest.raises(MissingExtraError, match=r"lipwright\[c2pa\]"):
        ContentCredentials(signing.certificate, signing.key)
