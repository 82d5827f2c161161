"""Every value of a config below, above or of another kind is refused by name."""

import pytest

from lib.training import Config


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
    ],
)
def test_bad_config(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value!r} is"):
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
