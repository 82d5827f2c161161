"""Data as a function of the step: so a run goes on in the middle of its data without having stored a place in them.

A ``Stream`` gives the inputs and targets of one step, all its examples. It must be a function of the step alone: what
it draws, it draws from a stream of that step, as in

    def fresh(step):
        generator = seeds.generator(seed, "notebook", "sentences", step)
        ...
        return tokens[:, :-1], tokens[:, 1:]

Tensors that lie on the device become such a function too, :class:`Shuffled`. Every device draws the whole batch of a step and
trains its share of it.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from lib import seeds, tensors
from lib.theory import checks
from lib.training import checkpoint
from lib.training.config import Config

Batch = tuple[Tensor, Tensor]
Stream = Callable[[int], Batch]


class Shuffled:
    """A set of inputs (N, ...) and targets (N, ...), in a new random order each epoch, in whole batches of ``batch`` examples.

    The order of an epoch is drawn from the seed and the number of the epoch, on the processor: it is the same on any device.
    Checked by tests/training/test_streams.py.
    """

    def __init__(self, inputs: Tensor, targets: Tensor, *, batch: int, seed: int):
        self._inputs, self._targets, self._batch, self._seed = inputs, targets, batch, seed
        self._epoch, self._order = -1, ()
        self.per_epoch = len(inputs) // batch

    def __call__(self, step: int) -> Batch:
        """Inputs (batch, ...) and targets (batch, ...) of a step."""
        epoch, place = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            order = torch.randperm(len(self._inputs), generator=seeds.generator(self._seed, "training", "order", epoch))
            self._epoch, self._order = epoch, order.to(self._inputs.device).split(self._batch)
        index = self._order[place]
        return self._inputs[index], self._targets[index]


class Drawn:
    """A stream as its owner wrote it, on the device of the run. Raises ValueError for a batch of another size."""

    def __init__(self, stream: Stream, *, device: torch.device, batch: int):
        self._stream, self._device, self._batch = stream, device, batch

    def __call__(self, step: int) -> Batch:
        """Inputs (batch, ...) and targets (batch, ...) of a step."""
        inputs, targets = self._stream(step)
        if not len(inputs) == len(targets) == self._batch:
            raise ValueError(
                f"data has {len(inputs)} inputs, {len(targets)} targets in step {step}; allowed: {self._batch}, config.batch"
            )
        return inputs.to(self._device, non_blocking=True), targets.to(self._device, non_blocking=True)


def digest(data: Batch | Stream, steps: int) -> str:
    """Hex digest of a set, or of the first, middle and last batch of a stream of ``steps`` steps.

    Raises ValueError if a stream gives two batches for one step: no run of it could be resumed.
    Checked by tests/training/test_streams.py.
    """
    if not callable(data):
        return _digest(data)
    first = _digest(data(0))
    if _digest(data(0)) != first:
        raise ValueError("data gave two different batches for step 0; allowed: a function of the step alone")
    return " ".join([first, *(_digest(data(step)) for step in sorted({steps // 2, steps - 1} - {0}))])


def check(data: Batch | Stream, held_out: Batch | None, config: Config, devices: int) -> int:
    """The examples of a step, once all was found in order. Raises ValueError naming what is not."""
    sets = {"held_out": held_out} if callable(data) else {"data": data, "held_out": held_out}
    for name, pair in sets.items():
        if name == "data" or pair is not None:
            _check_pair(name, pair)
        if pair is not None and not len(pair[0]) == len(pair[1]) > 0:
            raise ValueError(f"{name} has {len(pair[0])} inputs, {len(pair[1])} targets; allowed: as many, at least 1")
    if config.patience is not None and held_out is None:
        raise ValueError(f"patience = {config.patience} needs held_out, which is None")
    batch = config.batch if callable(data) else min(config.batch, len(data[0]))
    parts = devices * config.accumulate
    if batch % parts:
        raise ValueError(
            f"batch = {batch} is outside the multiples of {parts}: {devices} devices, {config.accumulate} micro-batches"
        )
    return batch


def _check_pair(name: str, pair: Batch) -> None:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(f"{name} = {checks.shown(pair)}, allowed: (inputs (N, ...), targets (N, ...))")
    for part, value in zip(("inputs", "targets"), pair, strict=True):
        tensors.real(f"{part} of {name}", value, "(N, ...)")
        if not value.ndim:
            raise ValueError(f"{part} of {name} has shape (), allowed: (N, ...)")


def _digest(pair: Batch) -> str:
    return checkpoint.digest(dict(zip(("inputs", "targets"), pair, strict=True)))
