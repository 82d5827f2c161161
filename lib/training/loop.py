"""The training loop of the book: any module, any loss, any data, resumed to the same numbers after a kill.

The data are a function of the step (:mod:`lib.training.streams`), so a run that was killed anywhere goes on from its last
checkpoint, also in the middle of an epoch, and ends, on the same machine, with the same numbers to the last bit. Everything
that the next step depends on is one file, written beside its place and renamed. Tensors lie on the device already: nothing is
copied to it, nothing waits for it. Processor, GPU and several of them are one path through Lightning Fabric.
Seconds beside a bare loop: benchmarks/README.md.
"""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from lib import seeds, tensors
from lib.training import checkpoint as checkpoints
from lib.training import optimizer as optimizers
from lib.training import schedule, streams
from lib.training.config import Config
from lib.training.evaluation import Hook, Loss, mean_loss
from lib.training.keeper import Keeper
from lib.training.state import State, best_round
from lib.training.streams import Batch, Stream

if TYPE_CHECKING:
    from lightning_fabric import Fabric  # slow to import, so only where one is made


class Result(NamedTuple):
    """``history``: a mapping each round, "train" (mean loss of its steps) and "held_out" (or None). A round is an epoch, or
    ``config.evaluate_every`` steps. ``best_round`` counts from 0; it and ``best_loss`` are None without held-out data.
    ``seconds`` includes those of earlier, killed processes."""

    history: list[dict[str, float | None]]
    best_round: int | None
    best_loss: float | None
    steps: int
    seconds: float


def train(
    model: nn.Module,
    loss: Loss,
    data: Batch | Stream,
    *,
    config: Config,
    held_out: Batch | None = None,
    weights: Hook | None = None,
    prepare: Hook | None = None,
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None,
    checkpoint: Path | None = None,
    checkpoint_steps: int | None = None,
    checkpoint_minutes: float = 10.0,
    fabric: "Fabric | None" = None,
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
    data : (inputs (N, ...), targets (N, ...)), or function step -> (inputs (batch, ...), targets (batch, ...))
        A whole set, moved to the device once; or a stream, see :mod:`lib.training.streams`: it gives all ``config.batch``
        examples of a step on any device, and depends on nothing but the step.
    held_out : (inputs (N, ...), targets (N, ...)), optional
        A whole set, moved to the device once. Its mean loss is measured batch by batch at the end of each round.
    weights : function targets -> Tensor, optional
        Weight of each loss, in its shape, for instance ``lambda targets: targets != PADDING``. ``loss`` then gives losses of
        that shape, and the mean of a batch divides by the sum of its weights, over all devices and micro-batches.
    prepare : function inputs -> inputs, optional
        Of each batch, in training and evaluation; for instance bytes to floats in [0, 1].
    augment : function (inputs, generator) -> inputs, optional
        Of each prepared batch in training, all its examples at once.
    checkpoint : path, optional
        Written at the end of each round. If it is there, the run goes on from it. It holds tensors and JSON, no pickle.
    checkpoint_steps : int >= 1, optional
        Write it also whenever so many steps were taken.
    checkpoint_minutes : float > 0 (infinity: never)
        Write it also when the last one is so old. Neither changes a result, and a run may go on with others.
    fabric : Fabric, optional
        For several devices: ``Fabric(devices=4, precision="bf16-mixed")``, launched. Default: one GPU with autocast to bfloat16
        where there is one, else the processor in full precision. Every device draws the whole batch and trains its share
        of it, so the numbers depend on how many there are by rounding only, unless the model has batch norm or dropout.
    progress : bool
        Show a bar, in examples.

    Notes
    -----
    Raises ValueError for bad data, for a corrupt checkpoint and for one of another run (config, model with its initial weights,
    data, precision, kind and number of devices; the functions are not compared, of a stream its first, middle and last batch),
    FloatingPointError if the loss stops being finite. Checked by tests/training/.
    """
    start = time.perf_counter()
    _check_objects(model, config, checkpoint, fabric, progress)
    for name, each in (("loss", loss), ("weights", weights), ("prepare", prepare), ("augment", augment)):
        tensors.hook(name, each)
    fabric = fabric or one_device()
    batch = streams.check(data, held_out, config, fabric.world_size)
    plan = schedule.plan(config, None if callable(data) else len(data[0]) // batch)
    run = None if checkpoint is None else _describe(model, data, held_out, config, fabric, plan.steps)

    keeper = Keeper(checkpoint, run, fabric, steps=checkpoint_steps, minutes=checkpoint_minutes, start=start)
    if callable(data):
        stream = streams.Drawn(data, device=fabric.device, batch=batch)
    else:
        stream = streams.Shuffled(*fabric.to_device(data), batch=batch, seed=config.seed)
    held_out = held_out and fabric.to_device(held_out)
    model.to(memory_format=torch.channels_last)  # 1.3 to 1.7 times faster for small CNNs on a processor
    optimizer = optimizers.build(model, config)
    augmentation = seeds.generator(config.seed, "training", "augmentation", device=fabric.device)
    hooks = {"weights": weights, "prepare": prepare}
    take = optimizers.Stepper(
        model, optimizer, loss, augment=augment, generator=augmentation, config=config, fabric=fabric, **hooks
    )
    state = State(model, optimizer, augmentation, torch.zeros((), dtype=torch.float64, device=fabric.device))

    with (
        seeds.everywhere(config.seed, "training", "dropout", fabric.global_rank, device=fabric.device),
        torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True),  # the same bits each time
    ):
        keeper.resume(state)
        shown = progress and fabric.is_global_zero
        bar = tqdm(total=plan.steps * batch, initial=state.step * batch, unit="examples", disable=not shown)
        while state.step < plan.steps and not _stalled(state.history, config.patience):
            begin, end = plan.round_of(state.step)
            take.network.train()
            while state.step < end:
                rate = schedule.learning_rate(config, state.step, plan.steps)
                state.total += take(stream(state.step), rate)
                state.step += 1
                bar.update(batch)
                if state.step < end and keeper.due(state.step):
                    keeper.keep(state)
            means = {"train": fabric.all_reduce(state.total).item() / (end - begin), "held_out": None}
            if held_out is not None:  # on every device all of it, so that all stop at once
                means["held_out"] = mean_loss(take.network, loss, held_out, batch=config.evaluation_batch, **hooks)
            state.close_round(means, keep_best=config.patience is not None)
            bar.set_postfix(means)
            keeper.keep(state)
        bar.close()

    if state.best:
        model.load_state_dict(state.best)
    model.eval()
    best = None if held_out is None else best_round(state.history)
    lowest = None if best is None else state.history[best]["held_out"]
    return Result(state.history, best, lowest, state.step, keeper.seconds())


def one_device(bf16: bool = False) -> "Fabric":
    """One GPU with autocast to bfloat16 where there is one, else the processor in full precision, or in bfloat16 if asked to.

    A processor gains from bfloat16 if it has instructions for it (AVX512-BF16, AMX): CNNs then train up to twice as fast.
    Checked by tests/training/test_loop.py::test_bf16_on_a_processor.
    """
    from lightning_fabric import Fabric  # takes as long as torch to import; who only reads a checkpoint needs none

    tensors.instance("bf16", bf16, bool)
    cuda = torch.cuda.is_available()
    precision = "bf16-mixed" if cuda or bf16 else "32-true"
    return Fabric(accelerator="cuda" if cuda else "cpu", devices=1, precision=precision)


def _describe(
    model: nn.Module, data: Batch | Stream, held_out: Batch | None, config: Config, fabric: "Fabric", steps: int
) -> dict[str, object]:
    """What makes two runs the same run: JSON, with digests in place of tensors."""
    return {
        **asdict(config),
        "model": checkpoints.digest(model.state_dict()),
        "data": streams.digest(data, steps),
        "held_out": held_out and streams.digest(held_out, steps),
        "precision": fabric.strategy.precision.precision,
        "device": fabric.device.type,
        "devices": fabric.world_size,
    }


def _check_objects(
    model: nn.Module, config: Config, checkpoint: Path | None, fabric: "Fabric | None", progress: bool
) -> None:
    tensors.instance("model", model, nn.Module), tensors.instance("config", config, Config)
    tensors.instance("checkpoint", checkpoint, Path, optional=True), tensors.instance("progress", progress, bool)
    if fabric is not None:
        from lightning_fabric import Fabric

        tensors.instance("fabric", fabric, Fabric)


def _stalled(history: list[dict], patience: int | None) -> bool:
    return patience is not None and len(history) > 0 and len(history) - 1 - best_round(history) >= patience
