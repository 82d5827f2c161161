"""What the tests of lib.training train: images of two brightnesses, and a small network with everything that has a state."""

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.nn import functional

from lib.training import Config, train


def images(n: int, seed: int = 0):
    """Bytes (n, 2, 8, 8) whose first channel is brighter for label 1, and labels (n,)."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 2, (n,), generator=generator)
    x = torch.randint(0, 200, (n, 2, 8, 8), generator=generator)
    x[:, 0] += 55 * labels[:, None, None]
    return x.to(torch.uint8), labels


def network(dropout: float = 0.2) -> nn.Sequential:
    """Everything that has a state: 4-dimensional weights, batch norm with its running means, dropout with its draws."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(2, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(6 * 64, 2),
        )


def to_unit(x):
    return x.float() / 255


def flip(x, generator):
    """Mirror each image with probability one half."""
    chosen = torch.rand(len(x), generator=generator, device=x.device) < 0.5
    return torch.where(chosen[:, None, None, None], x.flip(-1), x)


def run(
    model, *, augment=flip, checkpoint=None, fabric=None, checkpoint_steps=None, checkpoint_minutes=10.0, **settings
):
    """A run with every option: 90 examples in five whole batches of 16, and 10 left out in each epoch."""
    config = Config(**{"epochs": 4, "batch": 16, "learning_rate": 0.02, "patience": 3, "seed": 5} | settings)
    return train(
        model,
        functional.cross_entropy,
        images(90),
        config=config,
        held_out=images(40, 1),
        prepare=to_unit,
        augment=augment,
        checkpoint=checkpoint,
        checkpoint_steps=checkpoint_steps,
        checkpoint_minutes=checkpoint_minutes,
        fabric=fabric or Fabric(accelerator="cpu", devices=1),
    )


def assert_same(model, other):
    for (name, value), expected in zip(model.state_dict().items(), other.state_dict().values(), strict=True):
        torch.testing.assert_close(value, expected, rtol=0, atol=0, msg=name)
