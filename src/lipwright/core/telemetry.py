"""Switch off the telemetry of libraries, so that offline work stays offline."""

from __future__ import annotations

import os
import sys
import warnings

ONNXRUNTIME = "ORT_DISABLE_TELEMETRY"
SWITCHES = (ONNXRUNTIME, "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK")
"""Environment variables that mean "send nothing" when they are 1; the last one to several."""


def switch_off() -> None:
    """Set every telemetry switch for this process and its children, whatever it was before.

    Libraries read them when they are loaded, so `import lipwright` does this first. From version
    1.29 on ONNX Runtime makes an identifier of the device and queues events on the disk as soon as
    it is imported, and sends them ten seconds later; no later call stops that.
    """
    if "onnxruntime" in sys.modules and os.environ.get(ONNXRUNTIME) != "1":
        warnings.warn(
            "onnxruntime was imported before lipwright, so its telemetry may be on: import "
            f"lipwright first, or set {ONNXRUNTIME}=1.",
            stacklevel=3,
        )
    for name in SWITCHES:
        os.environ[name] = "1"
