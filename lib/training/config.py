"""What a training run depends on, besides its model, its loss and its data."""

import math
from dataclasses import dataclass

from lib.theory import checks

# so many steps, epochs or examples at the most: a slip of the pen stops here
LIMIT = 10**9


@dataclass(frozen=True, kw_only=True)
class Config:
    """Budget, batch, optimiser and schedule of a run. Raises ValueError for a value outside its range.

    Attributes
    ----------
    epochs, steps : int in [1, 10^9], exactly one of them
        The budget: passes over the data, or steps of the optimiser. A pass takes whole batches only; the rest of its random
        order is left out. Data that stream have steps only.
    batch : int in [1, 10^9]
        Examples a step, over all devices and micro-batches together; all of the data if there are fewer.
    accumulate : int in [1, 10^9]
        Micro-batches into which the share of a device is cut, for models whose batch does not fit into memory. They change the
        result by rounding only, unless the model has batch norm.
    evaluation_batch : int in [1, 10^9]
        Held-out examples at once: changes no result but its last digits.
    optimizer : "adamw" or "sgd" (with momentum 0.9)
    learning_rate : float > 0
        The peak of the schedule, see :func:`lib.training.schedule.learning_rate`.
    weight_decay : float >= 0
    schedule : "one-cycle", "cosine" or "constant"
    warm_up : int in [0, 10^9]
        Steps in which the rate of "cosine" or "constant" rises; less than all. One-cycle has a rise of its own.
    clip : float > 0, optional
        The largest Euclidean norm of all gradients together; larger ones are scaled down to it.
    evaluate_every : int in [1, 10^9], optional
        Steps of a round: at its end stand the held-out loss and an entry of the history. By default a round is an epoch.
        Data that stream need it.
    patience : int in [1, 10^9], optional
        Stop after so many rounds in a row without a lower held-out loss, and return the weights of the lowest.
    compile : bool
        Compile the model. On CUDA only: on a processor it costs more than it gains.
    seed : int in [0, 2^63 - 1]
        Of three streams of :mod:`lib.seeds`: the order of the examples, the augmentation, and dropout.

    Notes
    -----
    Numbers of any type are kept as Python's own: ``epochs=np.int64(2)`` and ``batch=32.0`` are 2 and 32.
    Checked by tests/training/test_config.py.
    """

    epochs: int | None = None
    steps: int | None = None
    batch: int = 128
    accumulate: int = 1
    evaluation_batch: int = 128
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    schedule: str = "one-cycle"
    warm_up: int = 0
    clip: float | None = None
    evaluate_every: int | None = None
    patience: int | None = None
    compile: bool = False
    seed: int

    def __post_init__(self):
        if (self.epochs is None) == (self.steps is None):
            raise ValueError(
                f"epochs = {checks.shown(self.epochs)}, steps = {checks.shown(self.steps)}; "
                f"allowed: exactly one of them, in [1, {LIMIT}]"
            )
        for name in ("batch", "accumulate", "evaluation_batch"):
            self._keep(name, checks.integer(name, getattr(self, name), 1, LIMIT))
        for name in ("epochs", "steps", "evaluate_every", "patience"):
            if getattr(self, name) is not None:
                self._keep(name, checks.integer(name, getattr(self, name), 1, LIMIT))
        self._keep("seed", checks.integer("seed", self.seed, 0, 2**63 - 1))
        self._keep("warm_up", checks.integer("warm_up", self.warm_up, 0, LIMIT))
        self._keep("learning_rate", checks.positive("learning_rate", self.learning_rate))
        self._keep("weight_decay", checks.real("weight_decay", self.weight_decay, 0.0, math.inf, open_high=True))
        if self.clip is not None:
            self._keep("clip", checks.positive("clip", self.clip))
        for name, allowed in (("optimizer", ("adamw", "sgd")), ("schedule", ("one-cycle", "cosine", "constant"))):
            value = getattr(self, name)
            if not isinstance(value, str) or value not in allowed:
                raise ValueError(f"{name} = {checks.shown(value)} is not one of {', '.join(map(repr, allowed))}")
            self._keep(name, str(value))
        if not isinstance(self.compile, bool):
            raise ValueError(f"compile = {checks.shown(self.compile)} is not one of True, False")
        if self.schedule == "one-cycle" and self.warm_up:
            raise ValueError(
                f"warm_up = {self.warm_up} with schedule = 'one-cycle', which has its own rise; allowed: 0"
            )

    def _keep(self, name: str, value: object) -> None:
        """Store the plain number of a checked value: a checkpoint writes it as JSON, and 32.0 counts no examples."""
        object.__setattr__(self, name, value)
