"""Fixtures that several tests of voice services share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.speech.providers.fakes.google import API_KEY, Account, FakeGoogle

from lipwright.speech.providers import retry


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []
    monkeypatch.setattr(retry, "wait", seconds.append)
    return seconds


@pytest.fixture(scope="session")
def account() -> Account:
    """A service account made for these tests."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    info = {
        "type": "service_account",
        "project_id": "lipwright-tests",
        "private_key_id": "1",
        "private_key": private.decode(),
        "client_email": "speaker@lipwright-tests.iam.gserviceaccount.com",
        "token_uri": "http://127.0.0.1:9/never-asked",
    }
    return Account(info, certificate.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
def google_cloud(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, account: Account
) -> Iterator[FakeGoogle]:
    """The service, with a service account's key file in the environment."""
    monkeypatch.setattr(  # a thread that asks Google where the account may be used
        "google.auth.credentials.CredentialsWithRegionalAccessBoundary"
        "._maybe_start_regional_access_boundary_refresh",
        lambda *_: None,
        raising=False,
    )
    with FakeGoogle(account) as server:
        file = tmp_path / "account.json"
        file.write_text(json.dumps(account.info))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
        monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
        monkeypatch.setenv("GOOGLE_TTS_ENDPOINT", server.url)
        yield server


@pytest.fixture
def by_key(google_cloud: FakeGoogle, monkeypatch: pytest.MonkeyPatch) -> FakeGoogle:
    """The same with an API key."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    monkeypatch.setenv("GOOGLE_API_KEY", API_KEY)
    return google_cloud
