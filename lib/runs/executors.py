"""Who computes parts: this process, local processes, or the workers of a Dask scheduler."""

import os
import time
import uuid
from typing import Protocol

from lib.runs.tasks import Order, Result, execute

START = 120  # seconds until a scheduler without an answer is given up
QUIET = 5  # seconds without any worker until the reader is told; workers that start at the same time take two or three
LOOK = 2  # seconds between two looks whether the scheduler is still there


class Executor(Protocol):
    """Takes orders and gives back results or errors. Checked by tests/runs/test_sweep.py and test_dask.py."""

    def capacity(self) -> int:
        """How many orders to have out at once."""

    def submit(self, key: str, order: Order) -> None:
        """Take an order."""

    def wait(self) -> list[tuple[str, Result | Exception]]:
        """Outcomes by key; after some seconds without one, none."""

    def note(self) -> str:
        """What the reader should know while nothing comes, or nothing."""

    def drop(self) -> None:
        """Forget all orders that are out."""


class Here:
    """One part after the other, in this process."""

    def __init__(self):
        self.orders: dict[str, Order] = {}

    def capacity(self) -> int:
        return 1

    def submit(self, key: str, order: Order) -> None:
        self.orders[key] = order

    def wait(self) -> list[tuple[str, Result | Exception]]:
        key, order = self.orders.popitem()
        try:
            return [(key, execute(order))]
        except Exception as error:  # a part may fail in any way: its sweep reports it and goes on
            return [(key, error)]

    def note(self) -> str:
        return ""

    def drop(self) -> None:
        self.orders.clear()


class Workers:
    """The workers of a Dask scheduler at an address, or ``count`` processes of one thread each on this machine.

    A worker that dies gives its parts to others; one whose parts kill three workers fails. Raises ConnectionError if no
    scheduler answers, or when it goes away.
    """

    def __init__(self, workers: str):
        from distributed import Client, LocalCluster  # a second of import, for sweeps over processes only

        self.address, self.cluster = workers, None
        if workers.isdecimal():
            threads = {"BOOK_THREADS": os.environ.get("BOOK_THREADS", "1"), "OMP_NUM_THREADS": "1"}
            # any free port: without an address the scheduler takes 8787, which another run on this machine may hold
            free = "127.0.0.1:0"
            self.cluster = LocalCluster(
                n_workers=int(workers), threads_per_worker=1, dashboard_address=free, memory_limit=None, env=threads
            )
            workers = self.cluster.scheduler_address
        try:
            self.client = Client(workers, timeout=START if self.cluster else 10)
        except (OSError, TimeoutError) as error:
            raise ConnectionError(
                f"no scheduler answers at {workers}; start one with `dask scheduler` and give its address as WORKERS"
            ) from error
        self.futures: dict[object, str] = {}
        self.name = uuid.uuid4().hex  # of this client's orders: a scheduler may have those of others
        self.threads, self.looked, self.seen = 0, -LOOK, time.monotonic()

    def capacity(self) -> int:
        self._look()
        return 2 * max(self.threads, 1)  # one to compute and one to begin with at once

    def note(self) -> str:
        self._look()
        if self.threads or time.monotonic() < self.seen + QUIET:
            return ""
        if self.cluster is not None:
            return "no worker process is up yet"
        return (
            f"no worker is connected to {self.address}, so nothing is computed: start one with "
            f"`dask worker {self.address} --nthreads 1` in the environment of this book; the run goes on then"
        )

    def _look(self) -> None:
        """Count the workers' threads; workers may come and go."""
        if time.monotonic() >= self.looked + LOOK:
            try:
                self.threads, self.looked = sum(self.client.nthreads().values()), time.monotonic()
            except OSError as error:
                raise self._gone() from error
            self.seen = self.looked if self.threads else self.seen

    def submit(self, key: str, order: Order) -> None:
        future = self.client.submit(execute, order, key=f"{key}-{self.name}", pure=False)
        self.futures[future] = key

    def wait(self) -> list[tuple[str, Result | Exception]]:
        from distributed import CancelledError, wait

        done: set = set()
        if self.client.status == "running":
            try:
                done = wait(list(self.futures), timeout=LOOK, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                return []
            except CancelledError:  # a client without its scheduler gives all its futures up
                pass
        if not done or any(future.status in ("cancelled", "lost") for future in done):
            raise self._gone()
        return [(self.futures.pop(future), self._outcome(future)) for future in done]

    def drop(self) -> None:
        if self.client.status == "running":
            self.client.cancel(list(self.futures))
        self.futures.clear()

    def close(self) -> None:
        """Let the workers of this machine go."""
        self.client.close()
        if self.cluster is not None:
            self.cluster.close()

    def _gone(self) -> ConnectionError:
        return ConnectionError(
            f"the scheduler at {self.address} has gone away; start it and its workers again, and give the same command: "
            "finished parts are kept"
        )

    @staticmethod
    def _outcome(future) -> Result | Exception:
        return future.exception() if future.status == "error" else future.result()
