"""A certificate for HTTPS where nobody has one: made once, kept, made anew when it has run out."""

from __future__ import annotations

import datetime
import ipaddress
import socket
from pathlib import Path

from lipwright.core.atomic_file import atomic_write
from lipwright.core.errors import MissingExtraError
from lipwright.server.addresses import is_ip, own_address
from lipwright.server.settings import Settings

DAYS = 397
"""Browsers refuse certificates that are valid for longer."""
SPARE_DAYS = 30
"""One that ends sooner is made anew."""
EVERYWHERE = ("0.0.0.0", "::")


def certificate_for(settings: Settings) -> tuple[Path, Path]:
    """Return certificate and private key, PEM, for the server's own names and addresses.

    They are kept in the server's folder, so that a browser which has been told to trust them need
    not be told again. Raises MissingExtraError where nothing can make them.
    """
    folder = settings.data.absolute() / "tls"
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    names = own_names(settings)
    if key.exists() and certificate.exists() and _serves(certificate, names):
        return certificate, key
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made, secret = make_certificate(names)
    for path, content, mode in ((key, secret, 0o600), (certificate, made, 0o644)):
        with atomic_write(path) as partial:
            partial.write_bytes(content)
            partial.chmod(mode)
    return certificate, key


def own_names(settings: Settings) -> list[str]:
    """Return by what names and addresses clients may call the server."""
    host = socket.gethostname()
    names = ["localhost", "127.0.0.1", "::1", host, f"{host}.local", *settings.allowed_hosts]
    if settings.host in EVERYWHERE:
        names += filter(None, [own_address()])
    else:
        names.append(settings.host)
    return sorted(set(names))


def make_certificate(names: list[str]) -> tuple[bytes, bytes]:
    """Return a certificate that signs itself, and its private key, both PEM.

    names: host names and addresses. Raises MissingExtraError without the package "cryptography".
    """
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID
    except ImportError:
        raise MissingExtraError("Making a certificate", "live") from None
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lipwright")])
    now = datetime.datetime.now(datetime.UTC)
    others = [
        x509.IPAddress(ipaddress.ip_address(name)) if is_ip(name) else x509.DNSName(name)
        for name in names
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=DAYS - 1))
        .add_extension(x509.SubjectAlternativeName(others), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _serves(path: Path, names: list[str]) -> bool:
    """Whether a certificate still holds for some time, and for all these names."""
    try:
        from cryptography import x509
    except ImportError:
        return True
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        others = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    known = [*others.get_values_for_type(x509.DNSName)]
    known += map(str, others.get_values_for_type(x509.IPAddress))
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=SPARE_DAYS)
    return set(names) <= set(known) and found.not_valid_after_utc > soon
