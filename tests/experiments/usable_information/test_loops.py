"""Generations made from one another, on a few digits, and what chains of readings say, worked out by hand."""

import math

import pytest
import torch
from image_cases import SMALLER, entry

from lib.experiments.usable_information import loops

LEARNER = {"alpha": 0.5, "steps": 12, "rate": 0.005}
NETWORKS = {"synthesizer": {"capacity": 1.0, "steps": 30, "batch": 16, "rate": 0.01}, "learner": LEARNER}


def next_generation(previous, real, seed=0, number=1, weight=0.01):
    more = {"previous": previous, "real": real, "label_weight": weight}
    return loops.generation(seed=seed, number=number, n_pairs=60, **NETWORKS, **SMALLER, **more)


@pytest.fixture(scope="module")
def start():
    return loops.generation(seed=0, number=0, n_pairs=60, **NETWORKS, **SMALLER)


@pytest.mark.parametrize(("count", "passes"), [(100, 50), (128, 50), (600, 13)])
def test_by_steps(count, passes):
    """At least 50 steps in whole passes of 128 images."""
    assert loops.by_steps(50, count, rate=0.01, seed=0).epochs == passes


def test_a_start_is_real(start, sets):
    """Its labels are true, its images bytes of the right shape, and the stored learner gives the stored answers."""
    assert torch.equal(start["labels"], sets.labels)
    assert start["train"].shape == sets.images.shape
    assert start["test"].dtype == torch.uint8
    assert torch.equal(loops.answers(loops.learner_of(start, sets, 0.5), start["train"]), start["answers"])


def test_what_is_real(start, sets):
    """At share 1 all labels are true, at 0 all are answers; what is real at a share is real at a larger one."""
    labels = {real: next_generation(start, real)["labels"] for real in (0, 0.3, 0.7, 1)}
    assert torch.equal(labels[1], sets.labels)
    assert torch.equal(labels[0], start["answers"])
    wrong = start["answers"] != sets.labels
    renewed = [(labels[real] == sets.labels)[wrong] for real in (0.3, 0.7)]
    assert (renewed[0] <= renewed[1]).all()
    for real, share in zip((0.3, 0.7), renewed, strict=True):
        error = math.sqrt(real * (1 - real) / wrong.sum().item())
        assert share.double().mean().item() == pytest.approx(real, abs=4 * error)


def test_the_judge_counts(start):
    """With another weight of its cross-entropy the synthesizer becomes another; with the same it is the same."""
    one, again, other = (next_generation(start, 0, weight=weight)["train"] for weight in (0.01, 0.01, 1.0))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_streams_are_apart(sets):
    """No two draws of a chain are equal: pairs of generations and of seeds, and the labeller's and verifier's."""
    drawn = [loops.pairs(sets, seed, number, 60) for seed in (0, 1) for number in (0, 1, 2)]
    assert not any(torch.equal(a, b) for k, a in enumerate(drawn) for b in drawn[:k])


def test_a_generation_needs_the_one_before(start):
    with pytest.raises(ValueError, match="number = 1 lacks a generation before; allowed: 0 without one"):
        next_generation(None, 0.5)
    with pytest.raises(ValueError, match="number = 0 has a generation before"):
        next_generation(start, 0.5, number=0)


def test_reading(start, sets):
    """Accuracy, squared error and right labels by hand, on all held-out images."""
    state = {**start, "labels": torch.where(torch.arange(120) < 30, 10 - sets.labels, sets.labels)}
    found = loops.reading(alpha=0.5, state=state, **SMALLER)
    model = loops.learner_of(start, sets, 0.5)
    for name, images in (("matched", start["test"]), ("transfer", sets.test)):
        right = (model(images / 255).argmax(1) == sets.test_labels).double().mean().item()
        assert found[name]["accuracy"] == pytest.approx(right)
    squared = ((start["test"].double() - sets.test) / 255).square().mean().item()
    assert found["squared error"] == pytest.approx(squared, rel=1e-5)
    fives = (sets.labels[:30] == 5).sum().item()  # 10 - 5 is 5
    assert found["right labels"] == pytest.approx((90 + fives) / 120)


@pytest.fixture
def found():
    """Three shares, two seeds, three generations: bits fall without real data, below zero in one seed."""
    bits = {
        0: [[2.0, 1.0, 0.4], [2.2, 1.0, -0.6]],
        0.5: [[2.0, 1.9, 1.85], [2.2, 1.9, 1.75]],
        1: [[2.0, 2.0, 1.9], [2.2, 2.0, 1.9]],
    }
    chains = [
        [[entry(bits=b, error=0.1, **{"squared error": 0.01 * k}) for k, b in enumerate(chain)] for chain in by_seed]
        for by_seed in bits.values()
    ]
    return {"shares": list(bits), "chains": chains}


def test_over_chains(found):
    """Bits below zero count as zero; other quantities stay."""
    bits = loops.over_chains(found, "bits", "matched")
    assert bits.shape == (3, 2, 3)
    assert bits[0, 1].tolist() == [2.2, 1.0, 0.0]
    assert loops.over_chains(found, "squared error")[1, 0].tolist() == pytest.approx([0, 0.01, 0.02])


def test_over_seeds():
    """Spread over seeds, and the error over images of each reading that is compared, once."""
    rows = [[entry(error=0.3), entry(error=0.1)]]
    value, error = loops.over_seeds(torch.tensor([1.0, 2.0]), rows, rows)
    assert value == 1.5
    assert error == pytest.approx(math.sqrt(0.25 + 2 * 0.05))


def test_lag_and_enough(found):
    """Behind by 1.5 and 1.9, by 0.05 and 0.15, by nothing; a mean of exactly 0.1 is not more than ENOUGH."""
    assert loops.lag(found).tolist() == pytest.approx([pytest.approx(x) for x in ([1.5, 1.9], [0.05, 0.15], [0, 0])])
    found["chains"][1][1][-1]["matched"]["bits"] = 1.8
    assert loops.enough(found) == "between 0 and 0.5"
    found["chains"][1][1][-1]["matched"]["bits"] = 1.6
    assert loops.enough(found) == "between 0.5 and 1"
    for by_seed in found["chains"]:
        for chain in by_seed:
            chain[-1]["matched"]["bits"] = 1.9
    assert loops.enough(found) == "from 0"


def test_claims(found):
    """Lost: 1.6 and 2.2 bits; behind all real 1.5 and 1.9; the largest share below one 0.05 and 0.15."""
    images = math.sqrt(2) * 0.1
    collapse = loops.collapse(found)
    assert collapse["nothing real"] == pytest.approx((1.9, math.hypot(0.3, images)))
    assert collapse["against all real"] == pytest.approx((1.7, math.hypot(0.2, images)))
    assert loops.largest_share_below_one(found) == pytest.approx((0.1, math.hypot(0.05, images)))
    found["true labels"] = [[entry(bits=2.5, error=0.1), entry(bits=b, error=0.1)] for b in (2.3, -0.2)]
    assert loops.images_lost(found) == pytest.approx((1.35, math.hypot(1.15, images)))


def test_relearned(start, sets):
    """True labels teach a learner whatever became of the loop's own; the first learner of a loop has them too."""
    spoilt = {**start, "labels": start["labels"].roll(1), "answers": start["answers"].roll(1)}
    learner = {**LEARNER, "steps": 60}
    again = [loops.relearned(seed=0, learner=learner, state=state, **SMALLER) for state in (start, spoilt)]
    assert again[0] == again[1]
    own = loops.reading(alpha=0.5, state=next_generation(start, 0), **SMALLER)
    assert again[0]["matched"]["accuracy"] > own["matched"]["accuracy"]
