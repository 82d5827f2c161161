"""Two processes train the same run as one: only the number of devices of Fabric is another."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn
from torch.nn import functional
from training_cases import flip, images, to_unit

from lib.training import Config, train
from lib.training import checkpoint as checkpoints

PADDING = 9


def test_two_processes():
    """Shares of the same batches, averaged: the losses and weights of one process, to rounding. Also stopped and resumed."""
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("images agree") == done.stdout.count("tokens agree") == 2
    assert done.stdout.count("resumed agrees") == 2


def assert_agree(one, many) -> None:
    """Histories and weights of two runs, in double precision."""
    for ours, theirs in zip(many[0].history, one[0].history, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-12)
    torch.testing.assert_close(many[1].state_dict(), one[1].state_dict(), rtol=1e-10, atol=1e-12)


def train_images(fabric):
    """A set on the device, with augmentation and clipping. (No batch norm here: its means are those of a share.)"""
    x, y = to_unit(images(64)[0]).double(), images(64)[1]
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(128, 2)).double()
    config = Config(epochs=2, batch=16, seed=0, learning_rate=0.02, clip=0.5)
    options = {"held_out": (x, y), "augment": flip, "config": config, "fabric": fabric}
    return train(model, functional.cross_entropy, (x, y), **options), model


def sentences(step: int):
    """Eight sequences of five inputs, and targets of which a random rest is padding."""
    generator = torch.Generator().manual_seed(1000 + step)
    inputs = torch.randint(0, 3, (8, 5), generator=generator)
    padded = torch.arange(5) >= torch.randint(1, 6, (8, 1), generator=generator)
    return inputs, torch.where(padded, PADDING, inputs.cumsum(1) % 3)


def train_tokens(fabric, accumulate: int, **options):
    """A stream of padded sequences, in micro-batches."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(3, 8), nn.Dropout(options.pop("dropout", 0.0)), nn.Flatten(), nn.Linear(40, 15))
    model = nn.Sequential(model, nn.Unflatten(1, (3, 5))).double()
    config = Config(steps=12, evaluate_every=5, batch=8, accumulate=accumulate, seed=0, schedule="cosine", warm_up=2)
    options |= {"weights": lambda targets: targets != PADDING, "held_out": sentences(-1), "config": config}
    loss = nn.CrossEntropyLoss(reduction="none", ignore_index=PADDING)
    return train(model, loss, options.pop("data", sentences), fabric=fabric, **options), model


def resumed(fabric, path: Path):
    """Each process has dropout of its own, and a sum of losses of its own, when the run stops in the middle of a round."""

    def stopping(step):
        if step == 8 and path.exists():
            raise InterruptedError
        return sentences(step)

    options = {"accumulate": 2, "dropout": 0.5}
    whole = train_tokens(fabric, **options)
    with pytest.raises(InterruptedError):
        train_tokens(fabric, data=stopping, checkpoint=path, checkpoint_steps=7, **options)
    assert checkpoints.load(path)[1]["step"] == 7
    rest = train_tokens(fabric, checkpoint=path, **options)
    assert rest[0]._replace(seconds=0) == whole[0]._replace(seconds=0)
    torch.testing.assert_close(rest[1].state_dict(), whole[1].state_dict(), rtol=0, atol=0)


def main() -> None:
    """Launches itself a second time; each process compares what both train with what it trains alone."""
    torch.set_num_threads(1)
    both = Fabric(accelerator="cpu", devices=2, strategy="ddp")
    both.launch()
    alone = Fabric(accelerator="cpu", devices=1)
    assert_agree(train_images(alone), train_images(both))
    print("images agree", flush=True)
    assert_agree(train_tokens(alone, accumulate=1), train_tokens(both, accumulate=2))
    print("tokens agree", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        resumed(both, both.broadcast(Path(folder)) / "run.safetensors")
        both.barrier()
    print("resumed agrees", flush=True)


if __name__ == "__main__":
    main()
