"""ONNX Runtime: the only place that imports it, with its telemetry switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lipwright.core import telemetry

if TYPE_CHECKING:
    from onnxruntime import InferenceSession as InferenceSession

    from lipwright.core.device import Device


def load_onnxruntime() -> Any:
    """Return the module `onnxruntime`, imported at the first call."""
    telemetry.switch_off()
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # for Windows' own tracing, which reads no variable
    return onnxruntime


def open_session(
    model: bytes | str, threads: int = 1, device: Device | None = None
) -> InferenceSession:
    """Open an ONNX Runtime session of a network, given as its bytes or its path.

    threads: 0 takes one for each core. device: runs it; None for the CPU.
    """
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # threads that spin between two runs would take the processor from the encoder
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers: list[Any] = ["CPUExecutionProvider"]
    if device is not None and device.kind == "cuda":
        providers.insert(0, ("CUDAExecutionProvider", {"device_id": device.index}))
    return onnxruntime.InferenceSession(model, options, providers=providers)
