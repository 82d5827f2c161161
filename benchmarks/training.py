"""The training loop of the book beside a bare PyTorch loop, on the same model, data and optimiser.

    python benchmarks/training.py

Contenders take turns in one process, each on a fresh copy of the model. Timed: one call that trains for an epoch. It includes
building the optimiser, and for the book the wrapping by Fabric, its progress bar and its checkpoint. See benchmarks/README.md.
"""

import argparse
import copy
import os
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
from lib.records import provenance, write_json
from lib.threads import set_threads
from lib.training.loop import Config, train

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


def bare(model: nn.Module, loss: Callable, x: Tensor, y: Tensor, memory_format: torch.memory_format) -> None:
    """What one would write for this model alone: no hooks, no bar, no checkpoint, no early stop."""
    model.to(memory_format=memory_format).train()
    steps = len(x) // BATCH
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01)
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


CONTENDERS = {
    "book": book,
    "bare": lambda *problem: bare(*problem, torch.channels_last),
    "bare, default memory order": lambda *problem: bare(*problem, torch.contiguous_format),
}


def problems(batches: int) -> dict[str, tuple[nn.Module, Callable, Tensor, Tensor]]:
    """Model, loss, bytes and targets. Small networks are timed on more batches: there every call counts."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 10, (20 * batches * BATCH,), generator=generator)
    colour = torch.randint(0, 256, (batches * BATCH, 3, 32, 32), generator=generator, dtype=torch.uint8)
    grey = torch.randint(0, 256, (20 * batches * BATCH, 1, 16, 16), generator=generator, dtype=torch.uint8)
    return {
        "CNN, 3 x 32 x 32": (cnn(3, 32, seed=0), functional.cross_entropy, colour, labels[: len(colour)]),
        "autoencoder, 3 x 32 x 32": (Autoencoder(3, 32, seed=0), functional.mse_loss, colour, to_unit(colour)),
        "CNN, 1 x 16 x 16": (cnn(1, 16, widths=(16, 32, 64), seed=0), functional.cross_entropy, grey, labels),
        "MLP, 256 inputs": (mlp(256, seed=0), functional.cross_entropy, grey, labels),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="timed runs of each contender")
    parser.add_argument(
        "--batches", type=int, default=30, help="steps of 128 in a run; 20 times as many for 1 x 16 x 16"
    )
    parser.add_argument(
        "--threads", type=int, default=int(os.environ.get("BOOK_THREADS", len(os.sched_getaffinity(0))))
    )
    settings = parser.parse_args()
    set_threads(settings.threads)

    runs: dict[str, dict[str, list[float]]] = {}
    for problem, (model, *rest) in problems(settings.batches).items():
        runs[problem] = {contender: [] for contender in CONTENDERS}
        for contender in CONTENDERS.values():
            contender(copy.deepcopy(model), *(part[: 3 * BATCH] if isinstance(part, Tensor) else part for part in rest))
        for turn in range(settings.rounds):
            for name, contender in list(CONTENDERS.items())[:: -1 if turn % 2 else 1]:
                fresh = copy.deepcopy(model)
                start = time.perf_counter()
                contender(fresh, *rest)
                runs[problem][name].append(len(rest[1]) / (time.perf_counter() - start))

    medians = {
        problem: {name: statistics.median(rates) for name, rates in each.items()} for problem, each in runs.items()
    }
    # within a round, so that a machine that slows down over the run does not count for one contender alone
    ratios = {
        problem: statistics.median(a / b for a, b in zip(rates["book"], rates["bare"], strict=True))
        for problem, rates in runs.items()
    }
    write_json(
        RESULT,
        {
            "settings": vars(settings) | {"batch": BATCH, "optimizer": "adamw"},
            "examples_per_second": runs,
            "median": medians,
            "book_over_bare": ratios,
            "provenance": provenance(),
        },
    )
    print(f"{'examples/s, median':26}" + "".join(f"{name:>28}" for name in CONTENDERS) + f"{'book / bare':>14}")
    for problem, rates in medians.items():
        print(f"{problem:26}" + "".join(f"{rates[name]:28.0f}" for name in CONTENDERS) + f"{ratios[problem]:14.2f}")


if __name__ == "__main__":
    main()
