"""Read back the marks of a file: made by AI, by which program, with whose consent, who signed.

Reads what `media.video.provenance`, `media.video.content_credentials` and `media.audio.wav_info`
write, and the same marks of other programs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import unescape

from lipwright.core.errors import MediaError
from lipwright.media.safe_open import open_media
from lipwright.media.video.content_credentials import CONSENT

AI_TYPES = ("compositewithtrainedalgorithmicmedia", "trainedalgorithmicmedia")
"""IPTC's digital source types of what trained algorithms made, wholly or partly."""
SEARCHED = 16 * 2**20
"""Bytes at the beginning and at the end of a file in which XMP and manifests are looked for."""
MANIFEST = b"uuid" + bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The box of MPEG-4 and QuickTime files that holds a C2PA manifest."""
TYPES = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".wav": "audio/wav",
    ".gif": "image/gif", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png",
    ".webp": "image/webp", ".tif": "image/tiff", ".tiff": "image/tiff",
}  # fmt: skip
"""Media types of files in which C2PA's reader looks for a manifest."""
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff")


@dataclass(frozen=True)
class Manifest:
    """A C2PA manifest."""

    valid: bool
    """Whether its signature fits the file as it is."""
    signer: str
    """Who signed it, by the certificate: nobody has checked whether to trust it."""
    generator: str
    """The program that made it."""
    ai_generated: bool
    consent: str | None


@dataclass(frozen=True)
class Marks:
    """What a file says about where it comes from."""

    path: Path
    ai_generated: bool
    """Whether any mark says so."""
    tags: dict[str, str] = field(default_factory=dict)
    """The container's own tags."""
    xmp: dict[str, str] = field(default_factory=dict)
    """Of its XMP packet: "digital source type", "creator tool", "description", "consent"."""
    manifest: Manifest | None = None
    unread: str | None = None
    """Why a manifest that is there was not read; None where there is none, or it was."""

    @property
    def consent(self) -> str | None:
        """What is said about the consent of the person shown."""
        signed = None if self.manifest is None else self.manifest.consent
        return signed or self.xmp.get("consent") or self.tags.get("consent")


def read_marks(path: str | Path) -> Marks:
    """Return all marks of a video, sound or picture.

    Raises:
        MediaError: it cannot be read.
    """
    path = Path(path)
    ends = _ends(path)
    tags = {} if path.suffix.lower() in PICTURES else _tags(path)
    xmp = _xmp(ends)
    manifest, unread = _manifest(path, MANIFEST in ends)
    told = " ".join([*tags.values(), *xmp.values()]).lower()
    ai = any(kind in told for kind in AI_TYPES) or (manifest is not None and manifest.ai_generated)
    return Marks(path, ai, tags, xmp, manifest, unread)


def _tags(path: Path) -> dict[str, str]:
    """Return the tags of a video or a sound."""
    import av

    try:
        with open_media(path) as container:
            return {name.lower(): str(value) for name, value in container.metadata.items()}
    except (av.FFmpegError, ValueError, OSError) as error:
        raise MediaError(
            f"{path} is no video, sound or picture that can be read: check the file."
        ) from error


def _ends(path: Path) -> bytes:
    """Return the beginning and the end of a file."""
    try:
        with path.open("rb") as file:
            first = file.read(SEARCHED)
            size = file.seek(0, 2)
            file.seek(max(len(first), size - SEARCHED))
            return first + file.read()
    except OSError as error:
        raise MediaError(f"{path} cannot be read ({error.strerror}): check the path.") from error


PATTERNS = {
    "digital source type": rb"DigitalSourceType(?:>|=\")([^<\"]+)",
    "creator tool": rb"CreatorTool(?:>|=\")([^<\"]+)",
    "description": rb"<dc:description>.*?<rdf:li[^>]*>([^<]*)",
    "consent": rb"<xmpRights:UsageTerms>.*?<rdf:li[^>]*>([^<]*)",
}


def _xmp(content: bytes) -> dict[str, str]:
    """Return what the last XMP packet says."""
    start = content.rfind(b"<x:xmpmeta")
    end = content.find(b"</x:xmpmeta>", start)
    if start < 0 or end < 0:
        return {}
    packet = content[start:end]
    found = {name: re.search(pattern, packet, re.DOTALL) for name, pattern in PATTERNS.items()}
    return {
        name: unescape(match[1].decode("utf-8", "replace"))
        for name, match in found.items()
        if match
    }


def _manifest(path: Path, is_there: bool) -> tuple[Manifest | None, str | None]:
    """Return the manifest of a file, or why it was not read although it is there."""
    kind = TYPES.get(path.suffix.lower())
    try:
        import c2pa
    except ModuleNotFoundError:
        hint = 'reading it needs an optional part: pip install "lipwright[c2pa]"'
        return None, hint if is_there else None
    if kind is None:
        return None, None
    try:
        with path.open("rb") as file, c2pa.Reader(kind, file) as reader:
            active = reader.get_active_manifest()
            return _described(active, str(reader.get_validation_state())), None
    except c2pa.C2paError.ManifestNotFound:
        return None, None
    except c2pa.C2paError as error:
        return None, f"it cannot be read: {error}" if is_there else None


def _described(manifest: dict[str, Any], state: str) -> Manifest:
    assertions = {one["label"].split(".v")[0]: one["data"] for one in manifest["assertions"]}
    actions = assertions.get("c2pa.actions", {}).get("actions", [])
    kinds = " ".join(str(action.get("digitalSourceType", "")) for action in actions).lower()
    signature = manifest.get("signature_info", {})
    names = [signature.get("common_name"), signature.get("issuer")]
    generator = manifest.get("claim_generator_info", [{}])[0]
    return Manifest(
        valid=state in ("Valid", "Trusted"),
        signer=", ".join(str(name) for name in names if name),
        generator=f"{generator.get('name', '')} {generator.get('version', '')}".strip(),
        ai_generated=any(kind in kinds for kind in AI_TYPES),
        consent=assertions.get(CONSENT, {}).get("consent"),
    )
