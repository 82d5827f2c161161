"""What readings say, on tables whose answers are worked out by hand."""

import base64
import math

import numpy as np
import pytest
import torch
from image_cases import entry

from lib.experiments.usable_information import sources_compared
from lib.statistics import share

IMAGES = 400


def learners(accuracies, transfer=None):
    """(seeds, alphas) entries with these accuracies, twice as many bits, and others on clean images if ``transfer`` says so."""
    both = zip(accuracies, accuracies if transfer is None else transfer, strict=True)
    return [[entry(a, bits=2 * a, transfer=t) for a, t in zip(*rows, strict=True)] for rows in both]


@pytest.fixture
def found():
    permuted = {"squared error": [0.2, 0.003], "similarity": [0.1, 0.003]}
    quality = [
        {"permuted": permuted, "restored": {"squared error": [error, 0.004], "similarity": [0.8, 0.004]}}
        for error in (0.04, 0.06)
    ]
    return {
        "alphas": [0.25, 0.5, 1, 2],
        "test images": IMAGES,
        "quality": quality,
        "learners": {
            "original": learners([[0.5, 0.6, 0.7, 0.8], [0.6, 0.7, 0.8, 0.9]]),
            "restored": learners([[0.4, 0.5, 0.6, 0.7], [0.5, 0.6, 0.7, 0.8]]),
            "permuted": learners([[0.3, 0.35, 0.4, 0.3], [0.3, 0.35, 0.4, 0.3]], [[0.1] * 4, [0.2] * 4]),
        },
    }


def test_over_seeds_and_images():
    """The errors over common images count once, however many seeds there are."""
    mean, error = sources_compared.over_seeds_and_images(torch.tensor([1.0, 3.0]), torch.tensor([0.3, 0.5]))
    assert mean == 2
    assert error == pytest.approx(math.hypot(math.sqrt(2 / 2), 0.4))
    one = sources_compared.over_seeds_and_images(torch.tensor([1.0]), torch.tensor([0.3]))
    assert one == pytest.approx((1.0, 0.3))


def test_over_alphas(found):
    """A difference seed by seed: here it is 0.1 for both seeds, so that only the errors over images are left."""
    means, errors = sources_compared.over_alphas(
        found, "accuracy", ("original", "matched", 1), ("restored", "matched", -1)
    )
    assert means.tolist() == pytest.approx([0.1] * 4)
    of_images = [share(round(a * IMAGES), IMAGES).standard_error ** 2 for a in (0.5, 0.6, 0.4, 0.5)]
    assert errors[0].item() == pytest.approx(math.sqrt(sum(of_images) / 2))
    means, errors = sources_compared.over_alphas(found, "bits", ("original", "matched", 1))
    assert means.tolist() == pytest.approx([1.1, 1.3, 1.5, 1.7])
    # seeds 0.2 bits apart, and 0.1 over images
    assert errors.tolist() == pytest.approx([math.sqrt(0.02 / 2 + 0.01)] * 4)


def test_best(found):
    """At the capacity of the best accuracy, reading by reading."""
    chosen = sources_compared.best(found, "permuted")
    assert chosen["matched"]["accuracy"].value == pytest.approx(0.4)
    assert chosen["matched"]["bits"].value == pytest.approx(0.8)
    assert chosen["transfer"]["accuracy"].value == pytest.approx(0.15)
    assert sources_compared.most_bits(found, "permuted", "matched") == chosen["matched"]["bits"]


def test_least_certain(found):
    """The margin in errors decides: restored over permuted, matched, is weakest at the smallest capacity."""
    value, error = sources_compared.least_certain(found, "accuracy", "matched", "restored", "permuted")
    assert value == pytest.approx(0.15)
    means, errors = sources_compared.over_alphas(
        found, "accuracy", ("restored", "matched", 1), ("permuted", "matched", -1)
    )
    assert (means - 3 * errors).min().item() == pytest.approx(value - 3 * error)


def test_rise(found):
    assert sources_compared.rise(found, ("original", "transfer", 1)).value == pytest.approx(0.3)
    wasted = sources_compared.rise(found, ("permuted", "matched", 1), ("restored", "matched", -0.5))
    assert wasted.value == pytest.approx(0 - 0.15)
    of_images = [share(round(a * IMAGES), IMAGES).standard_error ** 2 for a in (0.5, 0.8, 0.6, 0.9)]
    errors = [math.sqrt(sum(of_images[:2])), math.sqrt(sum(of_images[2:]))]
    error = sources_compared.rise(found, ("original", "transfer", 1)).standard_error
    assert error == pytest.approx(sum(errors) / 2)  # the seeds agree


def test_bits_below_zero_count_as_zero(found):
    """V holds the class frequencies, whatever a network that is sure and wrong says."""
    found["learners"]["permuted"] = [[entry(0.1, bits=b) for b in (-3.0, 0.2, -0.1, 0.0)]] * 2
    assert sources_compared.table(found, "permuted", "matched", "bits").tolist() == [[0, 0.2, 0, 0]] * 2


def test_least_certain_step(found):
    """Of 0.05, 0.05 and -0.1 the last; the seeds agree, so that the error is that over images."""
    found["learners"]["permuted"] = learners([[0.3, 0.35, 0.4, 0.3]] * 2)
    value, error = sources_compared.least_certain_step(found, "permuted")
    assert value == pytest.approx(-0.1)
    of_images = [share(round(a * IMAGES), IMAGES).standard_error for a in (0.4, 0.3)]
    assert error == pytest.approx(math.hypot(*of_images))


def test_deepest_dip(found):
    """0.3 below 0.7 and 0.5 is a dip of 0.3; of a straight line none."""
    found["learners"]["permuted"] = learners([[0.6, 0.7, 0.3, 0.5]] * 2)
    value, error = sources_compared.deepest_dip(found, "permuted")
    assert value == pytest.approx(0.3)
    of_images = [share(round(a * IMAGES), IMAGES).standard_error for a in (0.7, 0.3, 0.5)]
    assert error == pytest.approx(math.hypot(of_images[0] / 2, of_images[1], of_images[2] / 2))
    assert sources_compared.deepest_dip(found, "original").value == pytest.approx(0)


@pytest.mark.parametrize("capacities", [1, 2, 3, 4])
def test_what_few_capacities_cannot_show_is_not_measured(found, capacities):
    """A rise wants two of them, a dip three, and a bend more than one doubling; nan is nowhere."""
    found["alphas"] = found["alphas"][:capacities]
    found["learners"] = {name: [row[:capacities] for row in rows[:1]] for name, rows in found["learners"].items()}
    measured = {
        2: [sources_compared.rise(found, ("original", "transfer", 1))],
        3: [sources_compared.deepest_dip(found, "original"), sources_compared.bend(found, "original")],
    }
    measured[2].append(sources_compared.least_certain_step(found, "original"))
    for least, estimates in measured.items():
        for estimate in estimates:
            assert (estimate is not None) == (capacities >= least)
            assert estimate is None or all(map(math.isfinite, estimate))


def test_what_equal_or_perfect_accuracies_cannot_show_is_not_measured(found):
    """One seed whose pixels keep their order loses nothing; a learner without errors has no logarithm of their rate."""
    found["learners"]["original"] = learners([[0.5, 0.6, 0.7, 1.0]])
    assert sources_compared.bend(found, "original") is None
    found["learners"] |= {name: learners([[0.5] * 4]) for name in ("original", "permuted")}
    assert sources_compared.share_restored(found, "transfer") is None


@pytest.mark.parametrize(("alphas", "power"), [([0.25, 0.5, 1, 2], 0.4), ([0.25, 0.75, 1.25, 2], 0.7)])
def test_bend_of_a_power_law(alphas, power):
    """An error rate alpha^-power is one straight line in the logarithms, wherever the capacities lie."""
    rows = [[1 - 0.3 * alpha**-power for alpha in alphas]] * 2
    found = {"alphas": alphas, "test images": IMAGES, "learners": {"original": learners(rows)}}
    assert sources_compared.bend(found, "original").value == pytest.approx(0, abs=1e-9)


def test_bend_of_a_curve():
    """Error rates 0.4, 0.2, 0.1, 0.1: the lowest doubling halves them, the highest does nothing."""
    found = {
        "alphas": [0.25, 0.5, 1, 2],
        "test images": IMAGES,
        "learners": {"original": learners([[0.6, 0.8, 0.9, 0.9]])},
    }
    value, error = sources_compared.bend(found, "original")
    assert value == pytest.approx(1)
    relative = [share(round(a * IMAGES), IMAGES).standard_error / (1 - a) / math.log(2) for a in (0.6, 0.8, 0.9, 0.9)]
    assert error == pytest.approx(math.hypot(*relative))


def test_share_restored(found):
    """(0.55 - 0.1) / (0.65 - 0.1) and (0.65 - 0.2) / (0.75 - 0.2)."""
    assert sources_compared.share_restored(found, "transfer").value == pytest.approx(0.45 / 0.55)


def test_controls():
    """Paired answers: of eight images one is lost and one gained by seed 0, two are lost by seed 1."""
    right = {
        "original": [[1, 1, 1, 1, 0, 0, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1]],
        "permuted": [[0, 1, 1, 1, 1, 0, 1, 1], [0, 0, 1, 1, 1, 1, 1, 1]],
        "twin": [[1, 1, 1, 1, 0, 0, 1, 0], [1] * 8],
    }

    def packed(bits):
        return base64.b64encode(np.packbits(bits)).decode()

    found = {
        "test images": 8,
        "perceptrons": {
            name: [entry(sum(bits) / 8, right=packed(bits)) for bits in rows] for name, rows in right.items()
        },
        "shuffled": [entry(bits=-0.2, error=0.05, information=0.5), entry(bits=-0.4, error=0.15, information=0.7)],
    }
    lost = torch.tensor(right["original"], dtype=torch.float64) - torch.tensor(right["permuted"], dtype=torch.float64)
    value, error = sources_compared.loss_to_permutation(found)
    assert value == pytest.approx((0 + 0.25) / 2)
    over_images = sum(row.std().item() / math.sqrt(8) for row in lost) / 2
    assert error == pytest.approx(math.hypot(0.25 / 2, over_images))
    assert sources_compared.largest_twin_difference(found) == pytest.approx(1 / 8)
    assert sources_compared.matched_accuracies(found, "twin").tolist() == [5 / 8, 1]
    assert sources_compared.shuffled_reading(found, "bits") == pytest.approx((0.0, 0.1))  # below zero is zero
    assert sources_compared.shuffled_reading(found, "information").value == pytest.approx(0.6)


def test_figure_one_left(found):
    """A ratio of 0.05 to 0.2 with both relative errors, and a difference of 0.7."""
    left = sources_compared.figure_one_left(found)
    restored = math.hypot(0.01, 0.004) / 0.05
    assert left["squared error"] == pytest.approx((0.25, 0.25 * math.hypot(restored, 0.003 / 0.2)), rel=1e-5)
    assert left["structural similarity"] == pytest.approx((0.7, 0.005), rel=1e-5)
