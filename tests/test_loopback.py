"""The guard of all tests: what would leave this machine is refused and noted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.loopback import is_here

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("host", [None, "", "localhost", b"localhost", "127.0.0.2", "::1"])
def test_this_machine_may_be_asked(host):
    assert is_here(host)


@pytest.mark.parametrize("host", ["some.invalid", b"some.invalid", "192.0.2.1", "2001:db8::1"])
def test_others_may_not(host):
    assert not is_here(host)


@pytest.mark.parametrize(
    "asking",
    [
        "socket.getaddrinfo('example.invalid', 80)",
        "socket.gethostbyname('example.invalid')",
        "socket.socket().connect(('192.0.2.1', 80))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
    ],
)
def test_asking_fails_and_is_noted(asking):
    code = (
        "import socket; from tests.loopback import refuse_network; noted = []\n"
        f"refuse_network(noted)\ntry:\n    {asking}\nexcept OSError as error:\n"
        "    assert 'stay on this machine' in str(error) and len(noted) == 1\n"
        "else:\n    raise SystemExit('it was not refused')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
