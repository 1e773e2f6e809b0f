"""Where networks run: the CPU, a CUDA GPU, or Apple's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lipwright.core.errors import UsageError

Runtime = Literal["onnxruntime", "torch"]
"""What runs networks, and knows which GPUs it can use."""
Kind = Literal["cpu", "cuda", "mps"]
_NAME = re.compile(r"auto|cpu|mps|cuda(:\d{1,3})?")


@dataclass(frozen=True)
class Device:
    """One device."""

    kind: Kind = "cpu"
    index: int = 0
    """Which of several GPUs, from 0."""

    def __str__(self) -> str:
        """Return its name as `parse_device` takes it."""
        return f"cuda:{self.index}" if self.kind == "cuda" else self.kind


CPU = Device()


def check_device(name: str) -> str:
    """Return the name of a device: "auto", "cpu", "cuda", "cuda:1" or "mps".

    Raises UsageError for anything else.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f'There is no device "{name}": choose one of auto, cpu, cuda, cuda:N (a number from 0) '
            "or mps."
        )
    return name
