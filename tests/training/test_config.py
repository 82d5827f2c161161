"""Every value of a config below, above or of another kind is refused by name."""

import re
from dataclasses import asdict
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from lib.training import Config, train


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", True),
        ("accumulate", 0),
        ("evaluation_batch", 0),
        ("evaluate_every", 0),
        ("warm_up", -1),
        ("clip", 0.0),
        ("clip", float("nan")),
        ("batch", 2.5),
        ("optimizer", "adam"),
        ("learning_rate", 0.0),
        ("weight_decay", -0.1),
        ("schedule", "linear"),
        ("patience", 0),
        ("seed", -1),
        ("compile", 1),
        ("optimizer", None),
        ("schedule", ["cosine"]),
        ("batch", np.array(32)),
    ],
)
def test_bad_config(name, value):
    with pytest.raises(ValueError, match=re.escape(f"{name} = {value!r} is")):
        Config(**{"epochs": 1, "seed": 0} | {name: value})


@pytest.mark.parametrize("budget", [{}, {"epochs": 1, "steps": 1}])
def test_one_budget(budget):
    with pytest.raises(ValueError, match=r"epochs = .*, steps = .*; allowed: exactly one of them"):
        Config(**budget, seed=0)
    with pytest.raises(ValueError, match=r"steps = 0 is outside"):
        Config(steps=0, seed=0)


def test_warm_up_of_one_cycle():
    with pytest.raises(ValueError, match="warm_up = 3 with schedule = 'one-cycle', which has its own rise; allowed: 0"):
        Config(epochs=1, warm_up=3, seed=0)
    assert Config(epochs=1, warm_up=3, schedule="constant", seed=0).warm_up == 3


def test_numbers_of_any_type_are_kept_as_pythons_own(tmp_path):
    """They train, save and resume as the plain ones do: a checkpoint that plain numbers wrote is of the same run."""
    numpys = {
        "epochs": np.int64(2),
        "batch": 4.0,
        "accumulate": np.uint8(1),
        "evaluation_batch": Fraction(8),
        "learning_rate": np.float64(0.25),
        "weight_decay": np.float32(0.5),
        "clip": Fraction(1, 2),
        "patience": np.float64(3),
        "warm_up": np.int32(0),
        "evaluate_every": np.int16(2),
        "seed": np.uint64(2**63 - 1),
    }
    config = Config(**numpys)
    plain = Config(**{name: value.__class__(value) for name, value in asdict(config).items() if value is not None})
    assert config == plain
    kinds = {name: type(value) for name, value in asdict(config).items() if name in numpys}
    floats = {"learning_rate", "weight_decay", "clip"}
    assert kinds == {name: float if name in floats else int for name in numpys}
    x, y = torch.randn(12, 3), torch.randint(0, 2, (12,))
    results = []
    for each in (config, plain):
        torch.manual_seed(0)
        model, path = nn.Linear(3, 2), tmp_path / "run.safetensors"
        with torch.no_grad():
            model.weight.fill_(0.5), model.bias.zero_()
        results.append(train(model, functional.cross_entropy, (x, y), config=each, held_out=(x, y), checkpoint=path))
    assert results[0].history == results[1].history
    assert len(results[1].history) == 3
