"""The optimisers of the book, and one step of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from lib.training.config import Config
from lib.training.evaluation import Hook, Loss, prepared, share, size
from lib.training.streams import Batch

if TYPE_CHECKING:
    from lightning_fabric import Fabric  # slow to import, so only where one is made

MOMENTUM = 0.9  # of SGD, in Nesterov's form

Augment = Callable[[Tensor, torch.Generator], Tensor]


def build(model: nn.Module, config: Config) -> torch.optim.Optimizer:
    """torch's AdamW or SGD of a config, fused: one call a step, where the default makes a dozen for each parameter.

    Checked by tests/training/test_loop.py::test_beside_a_bare_loop.
    """
    options = {"lr": config.learning_rate, "weight_decay": config.weight_decay, "fused": True}
    if config.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), momentum=MOMENTUM, nesterov=True, **options)
    return torch.optim.AdamW(model.parameters(), **options)


class Stepper:
    """Takes a step of the optimiser on one batch, each device with its share, in micro-batches.

    Parts of a batch are weighed so that their sum is the mean loss of the whole batch, also where padding makes them uneven.
    Checked by tests/training/test_loop.py::test_micro_batches and tests/training/test_devices.py.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        loss: Loss,
        *,
        weights: Hook | None,
        prepare: Hook | None,
        augment: Augment | None,
        generator: torch.Generator,
        config: Config,
        fabric: "Fabric",
    ):
        compiled = torch.compile(model) if config.compile and fabric.device.type == "cuda" else model
        self.network, self._optimizer = fabric.setup(compiled, optimizer)
        self._loss, self._weights, self._prepare, self._augment = loss, weights, prepare, augment
        self._generator, self._config, self._fabric = generator, config, fabric

    def __call__(self, batch: Batch, learning_rate: float) -> Tensor:
        """Train on inputs (B, ...) and targets (B, ...); return what this device's share adds, times the number of devices:
        the mean over devices is the loss of the batch. No gradients; on the device, so that nothing waits for it."""
        fabric, config = self._fabric, self._config
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        x, y = prepared(batch[0], self._prepare), batch[1]
        if self._augment is not None:
            x = self._augment(x, self._generator)
        whole = size(y, self._weights) / fabric.world_size  # the mean over devices divides once more
        self._optimizer.zero_grad()
        if fabric.world_size == config.accumulate == 1:
            total = self._backward(x, y, whole)
        else:
            mine = slice(fabric.global_rank, None, fabric.world_size)
            parts = list(zip(x[mine].chunk(config.accumulate), y[mine].chunk(config.accumulate), strict=True))
            with fabric.no_backward_sync(self.network, enabled=len(parts) > 1):
                total = sum(self._backward(*part, whole) for part in parts[:-1])
            total = total + self._backward(*parts[-1], whole)  # the last one averages the gradients over devices
        if config.clip is not None:
            # without a look at the norm, for which the device would have to be waited for; the loop looks at the loss
            fabric.clip_gradients(self.network, self._optimizer, max_norm=config.clip, error_if_nonfinite=False)
        self._optimizer.step()
        return total

    def _backward(self, x: Tensor, y: Tensor, whole: float | Tensor) -> Tensor:
        mean = share(self._loss, self._weights, self.network(x), y, whole)
        self._fabric.backward(mean)
        return mean.detach()
