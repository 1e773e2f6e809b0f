"""A certificate authority for tests, and certificates that it issues."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEYS: dict[str, Any] = {
    "EC": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}
SIGNER = "lipwright's tests"


def write_certificate(folder: Path, kind: str = "EC") -> tuple[Path, Path]:
    """A chain and its key, PEM."""
    issuer, key = KEYS["EC"](), KEYS[kind]()
    root = _certificate("an authority", issuer.public_key(), issuer, authority=True)
    signer = _certificate(SIGNER, key.public_key(), issuer, authority=False)
    chain, private = folder / f"{kind}.pem", folder / f"{kind}.key"
    pem = serialization.Encoding.PEM
    chain.write_bytes(signer.public_bytes(pem) + root.public_bytes(pem))
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return chain, private


def _certificate(name: str, public: Any, issuer: Any, authority: bool) -> x509.Certificate:
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    usage = x509.KeyUsage(
        digital_signature=not authority, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=authority,
        crl_sign=authority, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    built = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name("an authority"))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.BasicConstraints(authority, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), False
        )
        .add_extension(usage, True)
    )
    if not authority:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        built = built.add_extension(purpose, False)
    return built.sign(issuer, hashes.SHA256())


def _name(common: str) -> x509.Name:
    parts = ((NameOID.ORGANIZATION_NAME, "tests"), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])
