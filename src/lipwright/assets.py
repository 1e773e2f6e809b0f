"""Files that ship inside the package: read, checked against their sum, networks opened."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from lipwright.errors import LipwrightError

if TYPE_CHECKING:
    import onnxruntime


def read_asset(package: str, name: str, sha256: str) -> bytes:
    """The bytes of `assets/name` of a package. Raises LipwrightError: missing, or not ours."""
    path = resources.files(package).joinpath("assets", name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LipwrightError(f"{name} cannot be read ({error}): reinstall lipwright.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise LipwrightError(f"{name} is damaged (its sha256 differs): reinstall lipwright.")
    return content


def open_session(
    model: bytes | str, threads: int = 1, gpu: bool = False
) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session of a network, its bytes or its path.

    threads: 0 takes one for each core. gpu: run on CUDA.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # threads that spin between two runs would take the processor from the encoder
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = ["CUDAExecutionProvider"] if gpu else []
    return onnxruntime.InferenceSession(
        model, options, providers=[*providers, "CPUExecutionProvider"]
    )
