"""The law of arguments (tests/law.py) for what notebooks call of lib.training; the rest takes what this has checked."""

import pytest
import torch
from law import HARD, check, places
from torch import nn
from torch.nn import functional

from lib import training
from lib.training import Config, learning_rate, one_device, predict, train

X, Y = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 1, 0])
CONFIG = Config(steps=1, batch=2, seed=0)


def network() -> nn.Module:
    model = nn.Linear(3, 2)
    with torch.no_grad():
        model.weight.fill_(0.5), model.bias.zero_()
    return model


def trained(**changed) -> float:
    """The loss of one step."""
    if isinstance(changed["model"], nn.Linear):
        changed["model"].load_state_dict(network().state_dict())
    given = {"model": network(), "loss": functional.cross_entropy, "data": (X, Y), "config": CONFIG}
    return train(**given | changed).history[0]["train"]


CALLS = {
    "Config": (
        Config,
        {
            "epochs": None, "steps": 3, "batch": 2, "accumulate": 1, "evaluation_batch": 2, "optimizer": "adamw",
            "learning_rate": 1e-3, "weight_decay": 0.1, "schedule": "cosine", "warm_up": 1, "clip": 1.0,
            "evaluate_every": 1, "patience": 1, "compile": False, "seed": 0,
        },
    ),
    "learning_rate": (learning_rate, {"config": CONFIG, "step": 2, "steps": 9}),
    "one_device": (one_device, {"bf16": False}),
    "predict": (predict, {"model": network(), "inputs": X, "prepare": None, "batch": 2}),
    "train": (
        trained,
        {
            "model": network(), "data": (X, Y), "config": CONFIG, "held_out": (X, Y), "weights": None, "prepare": None,
            "augment": None, "checkpoint": None, "checkpoint_steps": 2, "checkpoint_minutes": 1.0, "fabric": None,
            "progress": False,
        },
    ),
}  # fmt: skip


def test_everything_that_is_offered_is_here():
    offered = {name for name in training.__all__ if name != "Result"}
    assert set(CALLS) == offered


@pytest.mark.parametrize("name", CALLS)
def test_one_hard_argument(name):
    function, ordinary = CALLS[name]
    for place in places(ordinary):
        for kind, value in HARD.items():
            if kind == "class" and place[0] in ("data", "weights", "prepare", "augment"):
                continue  # may be called
            check(function, ordinary, place, value)
