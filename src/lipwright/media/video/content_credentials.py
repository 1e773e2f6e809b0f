"""C2PA manifests ("content credentials"): who made a video and how, signed with a certificate.

A manifest says that trained algorithms made the video from a real picture or film, and its
signature breaks when picture or sound is changed. Certificate and key are the user's own. Needs
the optional part "c2pa". Specification: https://spec.c2pa.org.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.core.errors import MediaError, MissingExtraError, UsageError
from lipwright.core.version import __version__
from lipwright.media.video.containers import Container
from lipwright.media.video.provenance import SOURCE_TYPE

FORMATS = {"mp4": "video/mp4", "mov": "video/quicktime"}
"""What is signed, by FFmpeg's muxer, and its media type."""
ALGORITHMS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")
"""Of signatures; the key decides, and for RSA the first of them serves."""
CONSENT = "lipwright.consent"
"""Label of the assertion that holds what is said about the consent of the person shown."""


@dataclass(frozen=True)
class ContentCredentials:
    """A certificate and its key, with which videos are signed.

    Raises:
        MissingExtraError: the optional part is not installed.
        MediaError: a file cannot be read.
        UsageError: certificate and key are none that C2PA knows, or do not belong together.
    """

    certificate: Path
    """PEM: the signer's certificate, then those that issued it."""
    key: Path
    """PEM: its private key in PKCS#8, without a password."""

    def __post_init__(self) -> None:
        """Try the certificate and the key, before any work is done."""
        self._signer()

    def sign(self, path: Path, kind: Container, title: str, consent: str | None = None) -> None:
        """Sign the finished video at `path`, in place.

        title: its name. consent: what is said about the consent of the person shown.

        Raises:
            MediaError: it cannot be signed.
        """
        import c2pa

        signed = path.with_name(path.name + ".signed")
        builder = c2pa.Builder(json.dumps(_manifest(title, consent)))
        try:
            with path.open("rb") as source, signed.open("w+b") as target:
                builder.sign(self._signer(), FORMATS[kind.muxer], source, target)
            os.replace(signed, path)
        except c2pa.C2paError as error:
            raise MediaError(
                f"{title} cannot be signed ({error}): check the dates and uses of "
                f"{self.certificate}."
            ) from error
        finally:
            signed.unlink(missing_ok=True)

    def _signer(self) -> Any:
        """Return a signer with the algorithm of the key."""
        try:
            import c2pa
        except ModuleNotFoundError:
            raise MissingExtraError("Signing a video", "c2pa") from None
        chain, key = (_read(path) for path in (self.certificate, self.key))
        for algorithm in ALGORITHMS if _belong_together(chain, key) else ():
            info = c2pa.C2paSignerInfo(algorithm.encode(), chain, key, None)
            try:
                return c2pa.Signer.from_info(info)
            except c2pa.C2paError:
                continue
        raise UsageError(
            f"{self.certificate} and {self.key} cannot sign: give a certificate chain and its "
            "own private key, both PEM, the key in PKCS#8 without a password (EC, RSA or Ed25519)."
        )


def check_can_be_signed(kind: Container, path: Path) -> None:
    """Raise UsageError for a kind of file that takes no manifest."""
    if kind.muxer not in FORMATS:
        raise UsageError(f"{path} cannot be signed: write .mp4, .m4v or .mov, or do not sign.")


def _manifest(title: str, consent: str | None) -> dict[str, Any]:
    agent = {"name": "lipwright", "version": __version__}
    made = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPE, "softwareAgent": agent}
    assertions: list[dict[str, Any]] = [{"label": "c2pa.actions", "data": {"actions": [made]}}]
    if consent:
        assertions.append({"label": CONSENT, "data": {"consent": consent}})
    return {"claim_generator_info": [agent], "title": title, "assertions": assertions}


def _belong_together(chain: bytes, key: bytes) -> bool:
    """Return whether the first certificate is that of a private key; both PEM."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificates

    try:
        (signer, *_), private = load_pem_x509_certificates(chain), load_pem_private_key(key, None)
    except (ValueError, TypeError):
        return False
    return signer.public_key() == private.public_key()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MediaError(
            f"{path} cannot be read ({error.strerror}): give a PEM file to sign with."
        ) from error
