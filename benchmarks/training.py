"""The training loop of the book beside a bare PyTorch loop, on the same model, data and optimiser.

    python benchmarks/training.py

Contenders take turns in one process, each on a fresh copy of the model, with one thread and with two. Timed: one call that
trains for an epoch. It includes building the optimiser, and for the book the wrapping by Fabric, its progress bar, digests of
data and weights, and its checkpoint. See benchmarks/README.md.
"""

import argparse
import copy
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from lib.models.images.autoencoder import Autoencoder
from lib.models.images.classifier import cnn, mlp
from lib.runs.files import write_json
from lib.runs.provenance import provenance
from lib.threads import set_threads
from lib.training import Config, train

RESULT = Path(__file__).parent / "results" / "training.json"
BATCH = 128
RATE = 1e-3


def to_unit(x: Tensor) -> Tensor:
    return x.float() / 255


def book(model: nn.Module, loss: Callable, x: Tensor, y: Tensor) -> None:
    with tempfile.TemporaryDirectory() as folder:
        train(
            model,
            loss,
            (x, y),
            config=Config(epochs=1, batch=BATCH, learning_rate=RATE, seed=0),
            prepare=to_unit,
            checkpoint=Path(folder) / "run.safetensors",
            progress=True,
        )


def bare(
    model: nn.Module,
    loss: Callable,
    x: Tensor,
    y: Tensor,
    memory_format: torch.memory_format = torch.channels_last,
    fused: bool | None = None,
) -> None:
    """What one would write for this model alone: no hooks, no bar, no checkpoint, no early stop."""
    model.to(memory_format=memory_format).train()
    steps = len(x) // BATCH
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01, fused=fused)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps, cycle_momentum=False)
    order = torch.randperm(len(x))
    for k in range(steps):
        index = order[k * BATCH : (k + 1) * BATCH]
        batch = x[index].float() / 255
        if batch.ndim == 4:
            batch = batch.contiguous(memory_format=memory_format)
        optimizer.zero_grad()
        loss(model(batch), y[index]).backward()
        optimizer.step()
        schedule.step()


# other processes take seconds by the clock, and none of the processor; of two threads it counts also the one that waits
CLOCKS = {"clock": time.perf_counter, "processor": time.process_time}
CONTENDERS = {
    "book": book,
    "bare": bare,
    "bare, fused optimiser": lambda *problem: bare(*problem, fused=True),
    "bare, default memory order": lambda *problem: bare(*problem, memory_format=torch.contiguous_format),
}


def problems(batches: int) -> dict[str, tuple[nn.Module, Callable, Tensor, Tensor]]:
    """Model, loss, bytes and targets. The faster a step, the more of them: for the MLP every call counts."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 10, (20 * batches * BATCH,), generator=generator)
    colour = torch.randint(0, 256, (batches * BATCH, 3, 32, 32), generator=generator, dtype=torch.uint8)
    grey = torch.randint(0, 256, (20 * batches * BATCH, 1, 16, 16), generator=generator, dtype=torch.uint8)
    some = 5 * batches * BATCH
    return {
        "CNN, 3 x 32 x 32": (cnn(3, 32, seed=0), functional.cross_entropy, colour, labels[: len(colour)]),
        "autoencoder, 3 x 32 x 32": (Autoencoder(3, 32, seed=0), functional.mse_loss, colour, to_unit(colour)),
        "CNN, 1 x 16 x 16": (
            cnn(1, 16, widths=(16, 32, 64), seed=0),
            functional.cross_entropy,
            grey[:some],
            labels[:some],
        ),
        "MLP, 256 inputs": (mlp(256, seed=0), functional.cross_entropy, grey, labels),
    }


def race(problem: tuple, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds by the clock, and of the processor, of each contender in each round, in turn, after a short run of each."""
    model, loss, x, y = problem
    seconds: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in CONTENDERS} for kind in CLOCKS}
    for contender in CONTENDERS.values():
        contender(copy.deepcopy(model), loss, x[: 3 * BATCH], y[: 3 * BATCH])
    for turn in range(rounds):
        for name, contender in list(CONTENDERS.items())[:: -1 if turn % 2 else 1]:
            fresh = copy.deepcopy(model)
            start = {kind: clock() for kind, clock in CLOCKS.items()}
            contender(fresh, loss, x, y)
            for kind, clock in CLOCKS.items():
                seconds[kind][name].append(clock() - start[kind])
    return seconds


def summary(seconds: dict[str, dict[str, list[float]]], examples: int) -> dict[str, dict]:
    """Median examples a second, and the book's share of the speed of each peer: medians over the ratios within a round, so that
    a machine that slows down over the run does not count for one contender alone."""
    peers = [name for name in CONTENDERS if name != "book"]
    ratios = {
        kind: {peer: statistics.median(b / a for a, b in zip(each["book"], each[peer], strict=True)) for peer in peers}
        for kind, each in seconds.items()
    }
    rates = {name: examples / statistics.median(each) for name, each in seconds["clock"].items()}
    return {"examples_per_second": rates, "book_over": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=21, help="timed runs of each contender")
    parser.add_argument(
        "--batches", type=int, default=15, help="steps of 128 in a run; 5 and 20 times as many for 1 x 16 x 16"
    )
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    settings = parser.parse_args()

    results: dict[str, dict] = {}
    for threads in settings.threads:
        set_threads(threads)
        for name, problem in problems(settings.batches).items():
            seconds = race(problem, settings.rounds)
            found = summary(seconds, len(problem[2]))
            results.setdefault(f"{threads} threads", {})[name] = found | {"seconds": seconds}
            print(f"{name}, {threads} threads")
            for contender, rate in found["examples_per_second"].items():
                shares = (f"{found['book_over'][kind].get(contender, 1):.3f} by {kind}" for kind in CLOCKS)
                print(f"  {contender:28}{rate:8.0f} examples/s; book: {', '.join(shares)}", flush=True)
    write_json(
        RESULT,
        {
            "settings": vars(settings) | {"batch": BATCH, "optimizer": "adamw"},
            "results": results,
            "provenance": provenance(),
        },
    )


if __name__ == "__main__":
    main()
