"""When the state of a run is written to its checkpoint, and how a run goes on from it."""

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lib.theory import checks
from lib.training import checkpoint
from lib.training.state import State

if TYPE_CHECKING:
    from lightning_fabric import Fabric  # slow to import, so only where one is made

# steps between two looks at the clock, on which all devices must agree, and for that wait for one another
CLOCK = 10


class Keeper:
    """Writes a run's state to ``path`` (None: nowhere) and reads it; counts the seconds of all processes of the run.

    ``run``: what makes two runs the same, as JSON; ``steps`` and ``minutes``: see :func:`lib.training.loop.train`; ``start``: of
    this process, by ``time.perf_counter``. Raises ValueError for a value outside its range.
    Checked by tests/training/test_training_resume.py.
    """

    def __init__(
        self,
        path: Path | None,
        run: Mapping[str, object] | None,
        fabric: "Fabric",
        *,
        steps: int | None,
        minutes: float,
        start: float,
    ):
        self._steps = steps if steps is None else checks.integer("checkpoint_steps", steps, 1, 10**9)
        self._seconds = 60 * checks.real("checkpoint_minutes", minutes, 0.0, math.inf, open_low=True)
        self._path, self._run, self._fabric = path, run, fabric
        self._start = self._kept = start

    def seconds(self) -> float:
        """Spent on the run so far, by this process and by those before it."""
        return time.perf_counter() - self._start

    def resume(self, state: State) -> None:
        """Fill the state from the file, if there is one. Raises ValueError for a corrupt file and for one of another run."""
        if self._path is not None and self._path.exists():
            tensors, stored = checkpoint.load(self._path)
            checkpoint.check_same_run(self._path, stored["run"], self._run)
            state.restore(tensors, self._fabric)
            state.step, state.history = stored["step"], stored["history"]
            self._start -= stored["seconds"]
        self._kept = time.perf_counter()

    def due(self, step: int) -> bool:
        """Whether to keep the state after ``step`` steps, in the middle of a round. The same on every device."""
        if self._path is None:
            return False
        if self._steps is not None and step % self._steps == 0:
            return True
        return step % CLOCK == 0 and self._fabric.broadcast(time.perf_counter() - self._kept > self._seconds)

    def keep(self, state: State) -> None:
        """Write the state. All devices must call it at once. Raises FloatingPointError for losses that are not finite."""
        if self._path is None:
            return
        state.check({"train": self._fabric.all_reduce(state.total.clone()).item()})  # a reduction works in place
        tensors = state.snapshot(self._fabric)
        if self._fabric.is_global_zero:
            content = {"run": self._run, "step": state.step, "history": state.history, "seconds": self.seconds()}
            checkpoint.save(self._path, tensors, content)
        self._fabric.barrier()
        self._kept = time.perf_counter()
