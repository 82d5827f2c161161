"""Three synthesizers, the map as records keep it, and what it says, worked out by hand."""

import math

import pytest
import torch
from image_cases import SMALLER, entry

from lib.experiments.usable_information import capacity_map, trainings
from lib.models.images.corruption import permute
from lib.statistics import share

AUTOENCODER = {"steps": 60, "batch": 16, "rate": 0.01, "bf16": False}


def test_pairs(sets):
    """The same images permuted and clean; fewer pairs are the first of more."""
    order, observed, clean = capacity_map.pairs(sets, 3, 20)
    assert torch.equal(permute(clean, order), observed)
    assert torch.equal(capacity_map.pairs(sets, 3, 5)[2], clean[:5])
    assert not torch.equal(capacity_map.pairs(sets, 4, 20)[2], clean)


def test_restored_and_error(sets):
    """Errors by hand; least squares from all pairs come nearest, then the autoencoder, then the permuted images."""
    kinds = {
        kind: capacity_map.restored(seed=0, kind=kind, n_pairs=120, **SMALLER, **AUTOENCODER)
        for kind in ("1", "linear")
    }
    errors = {kind: capacity_map.error(**SMALLER, restored=restored) for kind, restored in kinds.items()}
    by_hand = ((kinds["1"]["test"][:80].double() - sets.test[:80]) / 255).square().mean().item()
    assert errors["1"] == pytest.approx(by_hand, rel=1e-5)
    order, _, _ = capacity_map.pairs(sets, 0, 1)
    permuted = capacity_map.error(**SMALLER, restored={"test": permute(sets.test, order)})
    assert errors["linear"] < errors["1"] / 2 < permuted / 4


def test_learner(sets):
    """Given images are a source as much as named ones: the originals, handed over, teach the same."""
    settings = {**SMALLER, "alpha": 0.5, "epochs": 2, "rate": 0.005, "bf16": False}
    original = capacity_map.learner(seed=0, source="original", **settings)
    handed = capacity_map.learner(seed=0, source="1", restored=trainings.original(sets), **settings)
    permuted = capacity_map.learner(seed=0, source="permuted", **settings)
    assert handed == original
    assert original["transfer"] == original["matched"]
    assert permuted["transfer"] != permuted["matched"]


def test_matching():
    """From one pair little, from many nearly all, though border pixels of digits stay in doubt; all errors are shares."""
    few, more = (capacity_map.matching(seed=0, n_pairs=count, draws=4, **SMALLER) for count in (1, 100))
    assert few["right"] < 0.7 < 0.99 < more["right"] <= 1
    assert few["exact"] == 0
    assert few["squared error"] > 20 * more["squared error"]
    assert 0 < few["right error"] < 0.1
    assert capacity_map.matching(seed=0, n_pairs=1, draws=4, **SMALLER) == few


def test_nearest_columns():
    """Without noise it is matching, up to columns that are alike; noise of many grey levels spoils it."""
    quiet, loud = (capacity_map.nearest_columns(seed=0, n_pairs=80, noise=n, **SMALLER) for n in (0.0, 300.0))
    assert quiet < 0.002
    assert loud > 10 * quiet


def table(accuracies, bits=1.0):
    """Readings by (kind, pairs, alpha, seed) of kinds "1", "2", "linear", pairs 10 and 20, alphas 0.5 and 1, seeds 0 and 1."""
    return {
        (kind, pairs, alpha, seed): entry(accuracies(kind, pairs, alpha) + 0.02 * seed, bits=bits)
        for kind, pairs in [("original", 0), ("permuted", 0), *((k, n) for k in ("1", "2", "linear") for n in (10, 20))]
        for alpha in (0.5, 1)
        for seed in (0, 1)
    }


@pytest.fixture
def found():
    levels = {"original": 0.8, "permuted": 0.3, "1": 0.4, "2": 0.5, "linear": 0.7}
    learned = table(lambda kind, pairs, alpha: levels[kind] + 0.005 * pairs + (0.04 if kind == "2" else 0.02) * alpha)
    for kind, count, alpha, seed in learned:
        if kind == "1" and count == 10:
            learned[kind, count, alpha, seed] = entry(0.45, bits=0.5, error=0.2)
    return {
        "kinds": ["1", "2", "linear"],
        "errors": [[[0.2, 0.2], [0.1, 0.1]], [[0.1, 0.1], [0.04, 0.06]], [[0.01, 0.01], [0.0004, 0.0006]]],
        "learners": capacity_map.by_reading(learned, ["1", "2", "linear"], [10, 20], [0.5, 1], [0, 1]),
        "matching": [
            {"pairs": 10, "exact": 0.0, "right": 0.5},
            {"pairs": 30, "exact": 0.75, "right": 0.9, "right error": 0.01},
        ],
        "test images": 400,
    }


def test_by_reading(found):
    """Each entry stands where it belongs."""
    shown = capacity_map.mean_map(found, "matched", "accuracy")
    assert shown.shape == (3, 2, 2, 2)
    assert shown[1, 1, 0, 1].item() == pytest.approx(0.5 + 0.1 + 0.02 + 0.02)
    assert capacity_map.flat(found, "transfer", "accuracy", "original")[1].tolist() == pytest.approx([0.82, 0.84])


def test_pooled_variance():
    assert capacity_map.pooled_variance(torch.tensor([[1.0, 3.0], [2.0, 2.0]])) == pytest.approx(1)
    assert capacity_map.pooled_variance(torch.tensor([[1.0], [2.0]])) == 0


def test_gains(found):
    """Largest less smallest autoencoder at the most pairs; most less fewest pairs of the one with the smaller error, here "2"."""
    value, error = capacity_map.synthesizer_capacity(found)
    assert value == pytest.approx(0.12)
    of_images = math.hypot(*(share(round(a * 400), 400).standard_error for a in (0.65, 0.53)))
    pooled = 10 / 12 * 0.0002  # two of twelve cells do not differ between their seeds, the others by 0.02
    assert error == pytest.approx(math.sqrt(2 * pooled / 2 + of_images**2))
    assert capacity_map.more_pairs(found).value == pytest.approx(0.05)


def test_headline(found):
    """Bits are 1 everywhere but in one cell, 0.5 with an error of 0.2: there the evidence is weakest."""
    weakest = capacity_map.headline(found)
    pooled = 0.0 / 2
    assert weakest["everywhere"] == pytest.approx((-0.5, math.sqrt(pooled + 0.04 + 0.01)))
    assert weakest["most pairs"] == pytest.approx((0.0, math.sqrt(0.02)))


def test_rise_with_restoration(found):
    """The best restoration is "2" from 20 pairs, where capacity adds 0.02; the worst "1" from 10, where it adds nothing."""
    assert capacity_map.rise_with_restoration(found).value == pytest.approx(0.02)


def test_linear_against_autoencoder(found):
    against = capacity_map.linear_against_autoencoder(found)
    assert against["squared error"] == pytest.approx((0.01, 0.0))
    assert against["accuracy"].value == pytest.approx(0.7 + 0.02 - 0.5 - 0.04)


def test_exact_inversion(found):
    """The first number of pairs that is at least twenty; older records have no error of the values."""
    inversion = capacity_map.exact_inversion(found, 40)
    assert inversion["twenty pairs"] == share(30, 40)
    assert inversion["values"] == (0.9, 0.01)
    del found["matching"][1]["right error"]
    assert capacity_map.exact_inversion(found, 40)["values"] == (0.9, 0.0)


def test_quality_against_bits(found):
    """Errors 0.2 0.1 0.1 0.05 0.01 0.0005, two of them tied; bits that fall with them give -1 but for the tie."""
    learned = found["learners"]["matched"]["bits"]
    learned["map"] = [
        [[[9, 9], [1 - error, 1 - error]] for error in row] for row in ((0.2, 0.1), (0.1, 0.05), (0.01, 0.0005))
    ]
    assert capacity_map.quality_against_bits(found) == pytest.approx((-1, 0), abs=1e-6)
    learned["map"][0][0][1] = [0.97, 0.97]  # the worst restoration is third among the bits
    found_value, found_error = capacity_map.quality_against_bits(found)
    bits = [0.97, 0.9, 0.9, 0.95, 0.99, 0.9995]
    order = torch.tensor(bits).argsort().argsort().double() + 1
    order[1] = order[2] = 1.5
    errors = torch.tensor([6, 4.5, 4.5, 3, 2, 1])
    expected = torch.corrcoef(torch.stack([errors.double(), order]))[0, 1].item()
    assert found_value == pytest.approx(expected)
    assert found_error == pytest.approx(math.sqrt((1 - expected**2) / 4))
    learned["map"] = [[[[9, 9], [-0.1, -0.3]]] * 2] * 3
    assert capacity_map.quality_against_bits(found) is None
