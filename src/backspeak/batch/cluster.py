"""Lanes that are actors of Ray: on this machine, or on a cluster by its address.

The nodes of a cluster need the same backspeak installed and nothing else: the input is read and the
results are written where the run was started.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from backspeak.batch.composition import Task
from backspeak.batch.runners import LaneDiedError
from backspeak.batch.worker import Outcome, Worker
from backspeak.config import Settings
from backspeak.errors import SettingsError


def start(address: str | None, workers: int) -> int:
    """Connect to the cluster, or start Ray on this machine with `workers` cores; returns the number of workers.

    `workers` of 0 means as many as the cluster has cores. Raises SettingsError when Ray is not
    installed or the cluster cannot be reached.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise SettingsError("--runner ray needs Ray: pip install 'backspeak[cluster]'") from error
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    try:
        if address is None:
            ray.init(num_cpus=workers or None, include_dashboard=False, **options)
        else:
            ray.init(address=address, **options)
    except (ConnectionError, ValueError, RuntimeError) as error:
        where = "on this machine" if address is None else f"at {address}"
        raise SettingsError(f"Ray cannot be reached {where}: {str(error).strip().splitlines()[0]}") from error
    available = max(1, int(ray.cluster_resources().get("CPU", 1)))
    return min(workers or available, available)  # an actor without a core would be waited for without end


def stop() -> None:
    """Leave the cluster; a Ray that `start` started ends."""
    import ray

    ray.shutdown()


class RayWorker:
    """What an actor is: a worker that opens its models with its first task."""

    def __init__(self, settings: Settings) -> None:
        self._worker = Worker.of(settings)

    def signature(self) -> str:
        return self._worker.signature()

    def check(self, task: Task) -> Outcome:
        return self._worker.check(task)


class RayLane:
    """An actor with one core, and a thread here that waits for its answers."""

    def __init__(self, settings: Settings, signature: str) -> None:
        self._settings = settings
        self._signature = signature
        self._waiting = ThreadPoolExecutor(1)
        self._start()

    def _start(self) -> None:
        import ray

        self._actor = ray.remote(RayWorker).options(num_cpus=1).remote(self._settings)
        self._compared = False

    def submit(self, task: Task) -> Future[Outcome]:
        return self._waiting.submit(self._ask, task)

    def _ask(self, task: Task) -> Outcome:
        import ray

        try:
            if not self._compared:
                theirs = ray.get(self._actor.signature.remote())
                if theirs != self._signature:
                    raise SettingsError(
                        f"a node has another backspeak, or other files of yours, than this machine: {theirs}"
                    )
                self._compared = True
            return ray.get(self._actor.check.remote(task))
        except ray.exceptions.RayActorError as error:
            raise LaneDiedError(str(error).strip().splitlines()[0]) from error
        except ray.exceptions.RayTaskError as error:
            raise error.cause from error

    def renew(self) -> None:
        self._start()

    def close(self) -> None:
        import ray

        ray.kill(self._actor)
        self._waiting.shutdown()
