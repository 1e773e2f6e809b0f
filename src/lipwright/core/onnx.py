"""ONNX Runtime: the only place that imports it, with its telemetry switched off."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lipwright.core import telemetry
from lipwright.core.cancellation import check_cancelled
from lipwright.core.free_memory import give_back_memory
from lipwright.core.onnx_bytes import declare_tensors
from lipwright.core.worker_thread import WorkerThread

if TYPE_CHECKING:
    import numpy as np
    from onnxruntime import InferenceSession as InferenceSession

    from lipwright.core.device import Device


def load_onnxruntime() -> Any:
    """Return the module `onnxruntime`, imported at the first call."""
    telemetry.switch_off()
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # for Windows' own tracing, which reads no variable
    return onnxruntime


def open_session(
    model: bytes | str,
    threads: int = 1,
    device: Device | None = None,
    keeps_memory: bool = True,
) -> InferenceSession:
    """Open an ONNX Runtime session of a network, given as its bytes or its path.

    threads: 0 takes one for each core. device: runs it; None for the CPU. keeps_memory: whether
    memory of one run is kept for the next, which saves time only where runs are short.
    """
    onnxruntime = load_onnxruntime()
    options = _choose(threads)
    options.enable_cpu_mem_arena = options.enable_mem_pattern = keeps_memory
    providers: list[Any] = ["CPUExecutionProvider"]
    if device is not None and device.kind == "cuda":
        providers.insert(0, ("CUDAExecutionProvider", {"device_id": device.index}))
        return onnxruntime.InferenceSession(model, options, providers=providers)
    session = onnxruntime.InferenceSession(model, options, providers=providers)
    session._model_bytes = None  # kept in case providers are changed, as is never done on the CPU
    return session


def open_written(
    graph: bytes, tensors: Mapping[str, np.ndarray], threads: int = 1
) -> InferenceSession:
    """Open a network that is run as it is written: nothing in it is fused or folded.

    Args:
        graph: what ONNX calls a model, without most of its tensors.
        tensors: those, by name, float32 (n, ...) or integers; they are not copied.
        threads: 0 takes one for each core.
    """
    onnxruntime = load_onnxruntime()
    options = _choose(threads)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_mem_pattern = False  # one would be kept for every length of input
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for tensor in tensors.values()]
    options.add_external_initializers([*tensors], values)
    model = declare_tensors(graph, tensors)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _choose(threads: int) -> Any:
    options = load_onnxruntime().SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # threads that spin between two runs would take the processor from the encoder
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


LOOK_SECONDS = 0.1
"""How often it is looked whether a run shall go on."""


class Interruptible:
    """Runs of a session that other threads, and Ctrl-C, can break off within moments."""

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self._stopped = threading.Event()

    def run(self, feeds: dict[str, Any], free_memory: bool = False) -> list[Any]:
        """Return all outputs.

        free_memory: whether memory for results in between is given back to the system afterwards,
        and not kept for the next run.

        Raises RuntimeError after `stop`, Cancelled, and whatever interrupts it.

        The network runs in a thread of its own: a thread inside it would not notice Ctrl-C.
        """
        if self._stopped.is_set():
            raise RuntimeError("the network was stopped")
        options = load_onnxruntime().RunOptions()
        if free_memory:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        found: list[Any] = []
        failed: list[BaseException] = []

        def work() -> None:
            try:
                found.extend(self._session.run(None, feeds, options))
            except BaseException as error:  # handed to who waits
                failed.append(error)

        thread = WorkerThread(work, "lipwright-network")
        thread.start()
        try:
            while not thread.wait(LOOK_SECONDS):  # Windows notices no Ctrl-C without a timeout
                check_cancelled()
                if self._stopped.is_set():
                    options.terminate = True
        except BaseException:
            options.terminate = True
            thread.wait()
            raise
        if failed:
            raise failed[0]
        if free_memory:
            give_back_memory()
        return found

    def stop(self) -> None:
        """Break off the run in work, and refuse further ones."""
        self._stopped.set()
