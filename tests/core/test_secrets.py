"""Credentials in addresses are never shown."""

from __future__ import annotations

import logging

import pytest

from lipwright.core.address import is_address
from lipwright.core.errors import LipwrightError
from lipwright.core.secrets import hide_credentials, show_address


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:pa55word@host:80/x is wrong", "http://host:80/x is wrong"),
        ("see https://tok3n@host.", "see https://host."),
        ("at http://user:p@55@host/a@b", "at http://host/a@b"),
        ("at http://user:pa/55@host/a", "at http://host/a"),
        ("https://h/x?a=1&api_key=s3cret&X-Amz-Signature=99", 2 * "[hidden]"),
        ("https://medium.com/@name and a@b.example", "https://medium.com/@name and a@b.example"),
        ("no file at http:/me:pa55@host/x", "no file at http:/host/x"),
        ("https://h:8080/@name", "https://h:8080/@name"),
    ],
)
def test_addresses_in_a_text(text: str, shown: str) -> None:
    found = hide_credentials(text)
    if shown.startswith("[hidden]"):
        shown = "https://h/x?a=1&api_key=[hidden]&X-Amz-Signature=[hidden]"
    assert found == shown
    assert str(LipwrightError(text)) == shown


def test_an_address_alone() -> None:
    assert show_address("user:pa55@host:3128") == "host:3128"
    assert show_address("http://user:pa55@host") == "http://host"
    assert show_address("nowhere") == "nowhere"


def test_the_log_has_none_either(caplog: pytest.LogCaptureFixture) -> None:
    import lipwright

    assert lipwright.LipwrightError is LipwrightError
    with caplog.at_level(logging.INFO, "lipwright"):
        logging.getLogger("lipwright").info("from %s, %d", "http://me:pa55@host", 3)
    assert caplog.messages == ["from http://host, 3"]


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://host", True),
        ("http://127.0.0.1:9/path", True),
        ("https://[::1]:8080", True),
        ("https://user:pa55@host", True),
        ("host", False),
        ("https://", False),
        ("https://a b", False),
        ("http://::", False),
        ("ftp://host", False),
        ("https://host:port", False),
    ],
)
def test_what_can_be_an_address(address: str, good: bool) -> None:
    assert is_address(address) is good
    assert is_address("host", bare=True)
