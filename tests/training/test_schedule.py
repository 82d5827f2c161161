"""Learning rates against torch's schedulers, and the length of runs."""

import pytest
import torch

from lib.training import Config, learning_rate
from lib.training.schedule import plan


def test_learning_rate():
    """Against torch's schedulers, which take a step after the optimiser's and keep their place in themselves."""
    steps, peak = 1000, 0.4
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=peak)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    optimizer.step()
    config = Config(epochs=1, learning_rate=peak, schedule="cosine", seed=0)
    for step in range(steps):
        assert learning_rate(config, step, steps) == pytest.approx(cosine.get_last_lr()[0], rel=1e-9, abs=1e-12)
        cosine.step()

    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, peak, steps, pct_start=0.3, div_factor=25, final_div_factor=1e9, cycle_momentum=False
    )
    config = Config(epochs=1, learning_rate=peak, schedule="one-cycle", seed=0)
    one_step = peak * 3.15 / 2 / 299  # torch has its peak one step earlier: at most the largest change in a step
    for step in range(steps - 1):
        assert learning_rate(config, step, steps) == pytest.approx(cycle.get_last_lr()[0], abs=one_step)
        cycle.step()
    assert learning_rate(config, 0, steps) == pytest.approx(peak / 25)
    assert learning_rate(config, 300, steps) == peak


@pytest.mark.parametrize("schedule", ["cosine", "constant"])
def test_warm_up(schedule):
    """Against torch's linear rise, and what it has after a rise."""
    steps, rise, peak = 300, 40, 0.2
    schedulers = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=peak)
    later = {
        "cosine": schedulers.CosineAnnealingLR(optimizer, steps - rise),
        "constant": schedulers.ConstantLR(optimizer, 1.0, 0),
    }[schedule]
    up = schedulers.LinearLR(optimizer, 1 / (rise + 1), 1.0, rise)
    both = schedulers.SequentialLR(optimizer, [up, later], [rise])
    optimizer.step()
    config = Config(steps=steps, learning_rate=peak, schedule=schedule, warm_up=rise, seed=0)
    for step in range(steps):
        assert learning_rate(config, step, steps) == pytest.approx(both.get_last_lr()[0], rel=1e-9, abs=1e-12)
        both.step()


def test_plan():
    """Rounds are epochs or so many steps; the last one may be shorter."""
    epochs = plan(Config(epochs=3, seed=0), per_epoch=7)
    assert epochs == (21, 7)
    assert plan(Config(steps=20, seed=0), per_epoch=7) == (20, 7)
    rounds = plan(Config(steps=20, evaluate_every=6, seed=0), per_epoch=None)
    assert [rounds.round_of(step) for step in (0, 5, 6, 17, 18, 19)] == [
        (0, 6),
        (0, 6),
        (6, 12),
        (12, 18),
        (18, 20),
        (18, 20),
    ]


def test_bad_plan():
    with pytest.raises(
        ValueError, match="steps = None; allowed for data that stream, which have no epochs: a number of"
    ):
        plan(Config(epochs=3, evaluate_every=2, seed=0), per_epoch=None)
    with pytest.raises(ValueError, match="evaluate_every = None; allowed for data that stream"):
        plan(Config(steps=3, seed=0), per_epoch=None)
    config = Config(epochs=2, schedule="cosine", warm_up=14, seed=0)
    with pytest.raises(ValueError, match=r"warm_up = 14 is outside \[0, 13\]: the run has 14 steps"):
        plan(config, per_epoch=7)
    assert plan(config, per_epoch=8).steps == 16
