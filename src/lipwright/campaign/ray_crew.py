"""Who makes the videos: actors on a Ray cluster, which do what the processes of a machine do."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lipwright.campaign.crew import MakingFailed
from lipwright.campaign.ledger import Made, Task
from lipwright.campaign.plan import CampaignPlan
from lipwright.core.errors import EngineError, MissingExtraError, UsageError

_SWITCHES = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
"""Nothing is told to Ray's makers, and its workers are as quick as others."""
CONNECT_SECONDS = 5.0


class RayMaker:
    """An actor; one that dies with its node is placed anew with the next row."""

    def __init__(self, ray: Any, plan: CampaignPlan, output: str, state: Path) -> None:
        self._ray = ray
        self._arguments = (plan.fields(), output, str(state))
        self._actor: Any = None

    async def make(self, task: Task) -> Made:
        """Make a row; raises MakingFailed."""
        ray = self._ray
        try:
            if self._actor is None:
                self._actor = _actor_class(ray).remote(*self._arguments)
            found = await self._actor.make.remote(asdict(task))
        except (ray.exceptions.RayActorError, ray.exceptions.WorkerCrashedError) as error:
            self._actor = None
            raise MakingFailed(f"the node that made it ended ({type(error).__name__})", True) from (
                error
            )
        except ray.exceptions.RayError as error:
            raise MakingFailed(str(error), True) from error
        if "failed" in found:
            raise MakingFailed(found["failed"], found["again"])
        return Made(**found)

    async def close(self) -> None:
        """End the actor."""
        actor, self._actor = self._actor, None
        if actor is not None:
            await asyncio.to_thread(self._ray.kill, actor)


def ray_makers(
    address: str, plan: CampaignPlan, output: str, state: Path, count: int | None = None
) -> list[RayMaker]:
    """Return makers on a cluster, one for each of its processors.

    Args:
        address: of the cluster, "auto" or host:port.
        plan: of the campaign. Its portrait and the state's folder have the same paths on all nodes.
        output: a folder that all nodes see, or an address.
        state: the campaign's own folder.
        count: how many; None takes one for each processor.

    Raises:
        MissingExtraError: Ray is not installed. EngineError: there is no such cluster.
    """
    for name, value in _SWITCHES.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise MissingExtraError("Working on a cluster", "ray") from None
    if count is not None and count < 1:
        raise UsageError("A campaign needs at least one worker.")
    try:
        if not ray.is_initialized():
            _check_answers(address)
            ray.init(
                address=address,
                log_to_driver=False,
                include_dashboard=False if address == "local" else None,
                configure_logging=False,
            )
    except (OSError, ValueError, RuntimeError) as error:
        raise EngineError(
            f"There is no Ray cluster at {address} ({error}): start one with ray start --head."
        ) from error
    processors = int(ray.cluster_resources().get("CPU", 1))
    wanted = count or max(1, processors)
    return [RayMaker(ray, plan, output, state) for _ in range(wanted)]


def _check_answers(address: str) -> None:
    """Raise OSError where nobody answers at host:port: Ray itself would ask for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()


def _actor_class(ray: Any) -> Any:
    """A plain actor that takes one processor, and is not placed anew by Ray itself."""

    class Making:
        def __init__(self, plan: dict[str, Any], output: str, state: str) -> None:
            from lipwright.campaign.maker import VideoMaker
            from lipwright.campaign.worker import make_ready

            make_ready(1)
            self._maker = VideoMaker(CampaignPlan(**plan), output, Path(state))

        def make(self, task: dict[str, Any]) -> dict[str, Any]:
            from lipwright.campaign.worker import made_or_failed

            return made_or_failed(self._maker, Task(**task))

    return ray.remote(num_cpus=1, max_restarts=0)(Making)
