"""Everything that the next step of a run depends on, as tensors by name, and back.

Tensors: ``model/<name>``, ``best/<name>`` (weights of the lowest held-out loss so far), ``optimizer/<parameter>/<name>``,
``augmentation`` (its generator), and of every device, along the first axis, ``devices/loss`` (sum of the losses of the round),
``devices/cpu`` and ``devices/cuda`` (torch's global generators, from which dropout draws). The order of the examples needs none:
it is a function of the step.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from lightning_fabric import Fabric  # slow to import, so only where one is made


@dataclass
class State:
    """A run between two steps. ``step``: steps taken; ``history``: see :class:`lib.training.loop.Result`; ``total``, a double:
    sum of the losses of this round so far; ``best``: weights of the lowest held-out loss, empty unless there is patience."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    augmentation: torch.Generator
    total: Tensor
    step: int = 0
    history: list[dict[str, float | None]] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)

    def check(self, losses: Mapping[str, float | None]) -> None:
        """Raise FloatingPointError unless all losses are finite."""
        if not all(math.isfinite(value) for value in losses.values() if value is not None):
            raise FloatingPointError(f"loss = {losses} after {self.step} steps; try a lower learning_rate")

    def close_round(self, means: dict[str, float | None], keep_best: bool) -> None:
        """Add the losses of a round to the history, keep the weights if its held-out loss is the lowest, begin a new sum."""
        self.check(means)
        self.history.append(means)
        self.total.zero_()
        if keep_best and best_round(self.history) == len(self.history) - 1:
            self.best = {name: value.clone() for name, value in self.model.state_dict().items()}

    def snapshot(self, fabric: "Fabric") -> dict[str, Tensor]:
        """The tensors of this state. All devices must call it at once: each has its own dropout."""
        tensors = {f"model/{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"best/{name}": value for name, value in self.best.items()}
        for parameter, values in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{parameter}/{name}": value for name, value in values.items()}
        own = {"devices/loss": self.total, "devices/cpu": torch.get_rng_state()}
        if fabric.device.type == "cuda":
            own["devices/cuda"] = torch.cuda.get_rng_state(fabric.device)
        for name, value in own.items():
            tensors[name] = value[None] if fabric.world_size == 1 else fabric.all_gather(value.to(fabric.device))
        return tensors | {"augmentation": self.augmentation.get_state()}

    def restore(self, tensors: Mapping[str, Tensor], fabric: "Fabric") -> None:
        """Put a :meth:`snapshot` back. Checked by tests/training/test_training_resume.py."""
        self.model.load_state_dict(_below("model/", tensors))
        parameters = [parameter for group in self.optimizer.param_groups for parameter in group["params"]]
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in _below("optimizer/", tensors).items():
            index, kind = name.split("/")
            like = parameters[int(index)]
            if value.shape == like.shape:  # in the memory order of its parameter: in another, sums round in another way
                value = torch.empty_like(like, dtype=value.dtype).copy_(value)
            state.setdefault(int(index), {})[kind] = value
        self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": state})
        self.augmentation.set_state(tensors["augmentation"])
        # cloned, since torch reads a generator's state from the start of the storage, wherever a row of it begins
        own = {name: value[fabric.global_rank].clone() for name, value in _below("devices/", tensors).items()}
        self.total.copy_(own["loss"])
        torch.set_rng_state(own["cpu"])
        if fabric.device.type == "cuda":
            torch.cuda.set_rng_state(own["cuda"], fabric.device)
        self.best = _below("best/", tensors)


def best_round(history: Sequence[Mapping]) -> int:
    """The first round with the lowest held-out loss, counted from 0."""
    return min(range(len(history)), key=lambda number: history[number]["held_out"])


def _below(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(part): value for name, value in tensors.items() if name.startswith(part)}
