"""Runs a command where there is no network and tells what it asked of one, native code included.

    unshare --net --mount --map-root-user python trap.py REPORT COMMAND ...

Look-ups end at a resolver here, which knows no name and notes all. Whatever else is sent or
connected is counted by the kernel, also where no way leads. Needs nothing but the standard library.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

COUNTED = {
    "Tcp": ("ActiveOpens",),
    "Udp": ("OutDatagrams",),
    "Ip": ("OutNoRoutes",),
    "Ip6": ("OutNoRoutes",),
    "Udp6": ("OutDatagrams",),
}
RESOLVER = "127.0.0.1"


def close_in(folder: Path) -> None:
    """Leaves this namespace nothing but its loopback, and no resolver but ours.

    /run holds the sockets of services that would look names up outside of it.
    """
    with socket.socket() as any_socket:
        up = struct.pack("16sh", b"lo", 1)  # IFF_UP
        fcntl.ioctl(any_socket, 0x8914, up)  # SIOCSIFFLAGS
    settings = folder / "resolv.conf"
    settings.write_text(f"nameserver {RESOLVER}\n")
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    if Path("/etc/resolv.conf").exists():  # else glibc asks this machine anyway
        subprocess.run(["mount", "--bind", str(settings), "/etc/resolv.conf"], check=True)


def resolve_nothing(names: list[str]) -> None:
    """Starts a resolver that answers every question with "no such name"."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((RESOLVER, 53))

    def answer() -> None:
        while True:
            question, sender = server.recvfrom(4096)
            name, end = read_name(question)
            names.append(name)
            head = question[:2] + b"\x81\x83" + b"\0\1" + bytes(6)
            server.sendto(head + question[12 : end + 4], sender)

    threading.Thread(target=answer, daemon=True).start()


def read_name(question: bytes) -> tuple[str, int]:
    """The name in a DNS question, and where it ends."""
    labels, at = [], 12
    while length := question[at]:
        labels.append(question[at + 1 : at + 1 + length].decode(errors="replace"))
        at += 1 + length
    return ".".join(labels), at + 1


def count() -> dict[str, int]:
    """The kernel's counters of what this namespace tried to send."""
    known: dict[str, int] = {}
    lines = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()]
    for keys, values in zip(lines[::2], lines[1::2], strict=True):
        group = keys[0].rstrip(":")
        known |= {group + key: int(value) for key, value in zip(keys[1:], values[1:], strict=True)}
    if (newer := Path("/proc/net/snmp6")).exists():
        known |= {key: int(value) for key, value in map(str.split, newer.read_text().splitlines())}
    wanted = [group + key for group, keys in COUNTED.items() for key in keys]
    return {key: known.get(key, 0) for key in wanted}


def main() -> int:
    report, command = Path(sys.argv[1]), sys.argv[2:]
    names: list[str] = []
    close_in(report.parent)
    resolve_nothing(names)
    before = count()
    status = subprocess.call(command)
    sent = {key: value - before[key] for key, value in count().items()}
    asked = names + [f"{key}: {value}" for key, value in sent.items() if value]
    report.write_text(json.dumps(asked))
    return status


if __name__ == "__main__":
    sys.exit(main())
