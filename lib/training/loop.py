"""The training loop of the book: any module, any loss, data that stay on the device, resumed to the same numbers after a kill.

A step gathers one batch from a tensor that is on the device already; nothing is copied to it, nothing waits for it. After each
epoch everything that the next one depends on is one file, written beside its place and renamed. So a process that
was killed anywhere goes on from its last epoch, and ends, on the same machine, with the same numbers to the last bit.
Processor, GPU and several GPUs are one path through Lightning Fabric. Seconds beside a bare loop: benchmarks/README.md.
"""

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from tqdm.auto import tqdm

from lib.theory import checks
from lib.training import checkpoint as checkpoints

WARM_UP = 0.3  # share of the steps in which one-cycle rises: the value of Smith and Topin's reference, and torch's
MOMENTUM = 0.9  # of SGD, in Nesterov's form
EVALUATION_BATCH = (
    128  # examples at once without gradients: changes no result but its last digits; larger ones leave the cache
)

Loss = Callable[[Tensor, Tensor], Tensor]
Hook = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Config:
    """What a run depends on, besides model, loss and data. Raises ValueError for a value outside its range.

    Attributes
    ----------
    epochs : int in [1, 10^6]
        Passes over the data. A pass takes whole batches only; the rest of its random order is left out.
    batch : int in [1, 10^6]
        Examples a step, over all GPUs together; all of them if there are fewer.
    optimizer : "adamw" or "sgd" (with momentum 0.9)
    learning_rate : float > 0
        The peak of the schedule, see :func:`learning_rate`.
    weight_decay : float >= 0
    schedule : "one-cycle" or "cosine"
    patience : int >= 1, optional
        Stop after so many epochs in a row without a lower held-out loss, and return the weights of the lowest.
    compile : bool
        Compile the model. On CUDA only: on a processor it costs more than it gains.
    seed : int
        Of the order of the examples, of the augmentation, and of dropout.
    """

    epochs: int
    batch: int = 128
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    schedule: str = "one-cycle"
    patience: int | None = None
    compile: bool = False
    seed: int

    def __post_init__(self):
        checks.integer("epochs", self.epochs, 1, 10**6)
        checks.integer("batch", self.batch, 1, 10**6)
        checks.positive("learning_rate", self.learning_rate)
        checks.real("weight_decay", self.weight_decay, 0.0, math.inf, open_high=True)
        checks.integer("seed", self.seed, 0, 2**63 - 1)
        if self.patience is not None:
            checks.integer("patience", self.patience, 1, 10**6)
        for name, allowed in (("optimizer", ("adamw", "sgd")), ("schedule", ("one-cycle", "cosine"))):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} = {getattr(self, name)!r} is not one of {', '.join(map(repr, allowed))}")


class Result(NamedTuple):
    """``history``: a mapping each epoch, "train" (mean loss of its steps) and "held_out" (or None). ``best_epoch`` counts from 0;
    it and ``best_loss`` are None without held-out data. ``seconds`` includes those of earlier, killed processes."""

    history: list[dict[str, float | None]]
    best_epoch: int | None
    best_loss: float | None
    steps: int
    seconds: float


def train(
    model: nn.Module,
    loss: Loss,
    data: tuple[Tensor, Tensor],
    *,
    config: Config,
    held_out: tuple[Tensor, Tensor] | None = None,
    prepare: Hook | None = None,
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None,
    checkpoint: Path | None = None,
    fabric: Fabric | None = None,
    progress: bool = False,
) -> Result:
    """Train ``model`` in place.

    Parameters
    ----------
    model : Module
        Maps a batch of inputs to outputs. It is moved to the device, with 4-dimensional weights in channels-last order, and
        left in evaluation mode.
    loss : function (outputs, targets) -> Tensor
        Losses of the examples, or their mean; the step takes the mean.
    data, held_out : (inputs (N, ...), targets (N, ...))
        Whole sets, moved to the device once.
    prepare : function inputs -> inputs, optional
        Of each batch, in training and evaluation; for instance bytes to floats in [0, 1].
    augment : function (inputs, generator) -> inputs, optional
        Of each prepared batch in training, all its examples at once.
    checkpoint : path, optional
        Written after every epoch. If it is there, the run goes on from it. It holds tensors and JSON, no pickle.
    fabric : Fabric, optional
        For several GPUs: ``Fabric(devices=4, precision="bf16-mixed")``, launched. Default: one GPU with autocast to bfloat16
        where there is one, else the processor in full precision. Every GPU draws the whole batch and trains its share
        of it, so the numbers depend on how many there are by rounding only, unless the model has batch norm.
    progress : bool
        Show a bar, in examples.

    Notes
    -----
    Raises ValueError for bad data, for a corrupt checkpoint and for one of another run (config, model with its initial weights,
    data, kind of device; the functions are not compared), FloatingPointError if the loss stops being finite.
    Checked by tests/training/test_loop.py.
    """
    fabric = fabric or one_device()
    batch = _check(data, held_out, config, fabric.world_size)
    run = None if checkpoint is None else _describe(model, data, held_out, config, fabric)
    start = time.perf_counter()

    inputs, targets = fabric.to_device(data)
    held_out = held_out and fabric.to_device(held_out)
    model.to(memory_format=torch.channels_last)  # 1.3 to 1.7 times faster for small CNNs on a processor
    optimizer = _optimizer(model, config)
    compiled = torch.compile(model) if config.compile and fabric.device.type == "cuda" else model
    network, stepper = fabric.setup(compiled, optimizer)
    generator = torch.Generator(fabric.device).manual_seed(config.seed)
    mine = slice(fabric.global_rank, None, fabric.world_size)
    per_epoch = len(inputs) // batch
    steps = config.epochs * per_epoch
    history, best, seconds = [], {}, 0.0

    with _own_randomness(fabric.device, config.seed):
        if checkpoint is not None and checkpoint.exists():
            tensors, state = checkpoints.load(checkpoint)
            checkpoints.check_same_run(checkpoint, state["run"], run)
            best = checkpoints.restore(tensors, model, optimizer, generator)
            history, seconds = state["history"], state["seconds"]
        step = len(history) * per_epoch
        shown = progress and fabric.is_global_zero
        bar = tqdm(total=steps * batch, initial=step * batch, unit="examples", disable=not shown)
        while len(history) < config.epochs and not _stalled(history, config.patience):
            network.train()
            total = 0.0  # becomes a tensor on the device: .item() would wait for every step
            order = torch.randperm(len(inputs), generator=generator, device=fabric.device)
            for index in order[: per_epoch * batch].split(batch):
                for group in optimizer.param_groups:
                    group["lr"] = learning_rate(config, step, steps)
                x = _gather(inputs, index, prepare)
                x = x if augment is None else augment(x, generator)
                mean = loss(network(x[mine]), targets[index[mine]]).mean()
                stepper.zero_grad()
                fabric.backward(mean)
                stepper.step()
                total += mean.detach()
                step += 1
                bar.update(batch)

            means = {"train": fabric.all_reduce(total / per_epoch).item(), "held_out": None}
            if held_out is not None:
                outputs = predict(network, held_out[0], prepare=prepare)  # on every GPU all, so that all stop at once
                means["held_out"] = loss(outputs, held_out[1]).mean().item()
            if not all(math.isfinite(value) for value in means.values() if value is not None):
                raise FloatingPointError(f"loss = {means} in epoch {len(history)}; try a lower learning_rate")
            history.append(means)
            bar.set_postfix(means)
            if config.patience is not None and _best(history) == len(history) - 1:
                best = {name: value.clone() for name, value in model.state_dict().items()}
            if checkpoint is not None and fabric.is_global_zero:
                state = {"run": run, "history": history, "seconds": seconds + time.perf_counter() - start}
                checkpoints.save(checkpoint, checkpoints.snapshot(model, optimizer, generator, best), state)
            fabric.barrier()
        bar.close()

    if best:
        model.load_state_dict(best)
    model.eval()
    epoch = None if held_out is None else _best(history)
    lowest = None if epoch is None else history[epoch]["held_out"]
    return Result(history, epoch, lowest, step, seconds + time.perf_counter() - start)


def learning_rate(config: Config, step: int, steps: int) -> float:
    """The rate of ``step`` in 0 .. steps - 1.

    "cosine": half a cosine from the peak down to 0. "one-cycle" (Smith and Topin, "Super-convergence", 2019): half a cosine up
    from peak/25 in the first 30 % of the steps, and half a cosine down to 0 in the rest.
    Checked by tests/training/test_loop.py::test_learning_rate.
    """
    if config.schedule == "cosine":
        return config.learning_rate * (1 + math.cos(math.pi * step / steps)) / 2
    rise = WARM_UP * steps
    if step < rise:
        return config.learning_rate * (1 - 0.48 * (1 + math.cos(math.pi * step / rise)))
    return config.learning_rate * (1 + math.cos(math.pi * (step - rise) / (steps - rise))) / 2


def predict(model: nn.Module, inputs: Tensor, *, prepare: Hook | None = None) -> Tensor:
    """Outputs (N, ...) of the model in evaluation mode, without gradients, on the model's device.

    ``inputs`` (N, ...) may be elsewhere; they are moved batch by batch. Checked by tests/training/test_loop.py::test_predict.
    """
    device, training = next(model.parameters()).device, model.training
    model.eval()
    try:
        with torch.no_grad():
            parts = inputs.split(EVALUATION_BATCH)
            return torch.cat([model(_gather(part.to(device), slice(None), prepare)) for part in parts])
    finally:
        model.train(training)


def _gather(inputs: Tensor, index: Tensor | slice, prepare: Hook | None) -> Tensor:
    """Prepared inputs of one batch; images (batch, channels, height, width) in channels-last order."""
    x = inputs[index] if prepare is None else prepare(inputs[index])
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x


@contextlib.contextmanager
def _own_randomness(device: torch.device, seed: int) -> Iterator[None]:
    """Dropout can draw from torch's global generator only: it is seeded here, and given back as it was.

    cuDNN is held to algorithms that give the same bits each time.
    """
    with (
        torch.random.fork_rng(devices=[device] if device.type == "cuda" else []),
        torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True),
    ):
        torch.manual_seed(seed)
        yield


def _describe(
    model: nn.Module, data: tuple, held_out: tuple | None, config: Config, fabric: Fabric
) -> dict[str, object]:
    """What makes two runs the same run: JSON, with digests in place of tensors."""
    sets = {"data": data} if held_out is None else {"data": data, "held_out": held_out}
    return {
        **asdict(config),
        "model": checkpoints.digest(model.state_dict()),
        **{
            name: checkpoints.digest(dict(zip(("inputs", "targets"), pair, strict=True))) for name, pair in sets.items()
        },
        "device": fabric.device.type,
    }


def _check(data: tuple, held_out: tuple | None, config: Config, gpus: int) -> int:
    """The examples of a step, once everything was found in order."""
    for name, pair in (("data", data), ("held_out", held_out)):
        if pair is not None and not len(pair[0]) == len(pair[1]) > 0:
            raise ValueError(f"{name} has {len(pair[0])} inputs, {len(pair[1])} targets; allowed: as many, at least 1")
    if config.patience is not None and held_out is None:
        raise ValueError(f"patience = {config.patience} needs held_out, which is None")
    batch = min(config.batch, len(data[0]))
    if batch % gpus:
        raise ValueError(f"batch = {batch} is outside the multiples of {gpus}, the number of GPUs")
    return batch


def one_device(bf16: bool = False) -> Fabric:
    """One GPU with autocast to bfloat16 where there is one, else the processor in full precision, or in bfloat16 if asked to.

    A processor gains from bfloat16 if it has instructions for it (AVX512-BF16, AMX): CNNs then train up to twice as fast.
    Checked by tests/training/test_loop.py::test_bf16_on_a_processor.
    """
    cuda = torch.cuda.is_available()
    precision = "bf16-mixed" if cuda or bf16 else "32-true"
    return Fabric(accelerator="cuda" if cuda else "cpu", devices=1, precision=precision)


def _optimizer(model: nn.Module, config: Config) -> torch.optim.Optimizer:
    if config.optimizer == "sgd":
        options = {"momentum": MOMENTUM, "nesterov": True}
        return torch.optim.SGD(model.parameters(), config.learning_rate, weight_decay=config.weight_decay, **options)
    return torch.optim.AdamW(model.parameters(), config.learning_rate, weight_decay=config.weight_decay)


def _best(history: list[dict]) -> int:
    """The first epoch with the lowest held-out loss."""
    return min(range(len(history)), key=lambda epoch: history[epoch]["held_out"])


def _stalled(history: list[dict], patience: int | None) -> bool:
    return patience is not None and len(history) > 0 and len(history) - 1 - _best(history) >= patience
