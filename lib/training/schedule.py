"""When a run takes which step: its length, its rounds, and the learning rate of each step."""

import math
from typing import NamedTuple

from lib import tensors
from lib.theory import checks
from lib.training.config import LIMIT, Config

WARM_UP = 0.3  # share of the steps in which one-cycle rises: the value of Smith and Topin's reference, and torch's


class Plan(NamedTuple):
    """``steps`` of the whole run, and of a ``round``, at whose end the held-out loss is measured; the last may be shorter."""

    steps: int
    round: int

    def round_of(self, step: int) -> tuple[int, int]:
        """The first step of the round of ``step``, and the first step after it."""
        begin = step - step % self.round
        return begin, min(begin + self.round, self.steps)


def plan(config: Config, per_epoch: int | None) -> Plan:
    """Steps and rounds of a run, with ``per_epoch`` steps a pass over the data, or None for data that stream.

    Raises ValueError if the budget, the rounds or the warm-up do not fit the data. Checked by tests/training/test_schedule.py.
    """
    if per_epoch is None:
        for name, value in (("steps", config.steps), ("evaluate_every", config.evaluate_every)):
            if value is None:
                raise ValueError(
                    f"{name} = None; allowed for data that stream, which have no epochs: a number of steps"
                )
    steps = config.steps or config.epochs * per_epoch
    if config.warm_up >= steps:
        raise ValueError(f"warm_up = {config.warm_up} is outside [0, {steps - 1}]: the run has {steps} steps")
    return Plan(steps, config.evaluate_every or per_epoch)


def learning_rate(config: Config, step: int, steps: int) -> float:
    """The rate of ``step`` in 0 .. steps - 1.

    "constant": the peak. "cosine": half a cosine from the peak down to 0. Both rise in ``config.warm_up`` steps before, in equal
    stairs of which the first is above 0. "one-cycle" (Smith and Topin, "Super-convergence", 2019): half a cosine up from peak/25
    in the first 30 % of the steps, and half a cosine down to 0 in the rest.
    Checked by tests/training/test_schedule.py against torch's schedulers.
    """
    tensors.instance("config", config, Config)
    steps = checks.integer("steps", steps, 1, LIMIT)
    step = checks.integer("step", step, 0, LIMIT)
    if step >= steps:
        raise ValueError(f"step = {step} is outside [0, steps - 1], steps = {steps}")
    peak = config.learning_rate
    if config.schedule == "one-cycle":
        rise = WARM_UP * steps
        if step < rise:
            return peak * (1 - 0.48 * (1 + math.cos(math.pi * step / rise)))
    else:
        rise = config.warm_up
        if step < rise:
            return peak * (step + 1) / (rise + 1)
        if config.schedule == "constant":
            return peak
    return peak * (1 + math.cos(math.pi * (step - rise) / (steps - rise))) / 2
