"""Three definitions against closed forms, brute force, and the inequality that holds between them."""

import math

import numpy as np
import pytest

from lib import seeds
from lib.experiments.usable_information import definitions
from lib.theory import usable_information as theory


@pytest.mark.parametrize("m", [0.0, 0.01, 0.5, 1.0, 3.0, 6.0])
def test_information_of_a_score(m):
    assert definitions.score_information(m) == pytest.approx(theory.mixture_shannon_information(2 * m, 1.0), abs=1e-9)


def test_processing_adds_nothing():
    assert definitions.rise_of_scores(3.0, 1.0) == pytest.approx(0, abs=1e-9)  # along the mean nothing is lost
    rise = definitions.rise_of_tables(300, rng=seeds.rng(0, "test"))
    assert rise <= 1e-12
    few = [definitions.rise_of_tables(1, rng=seeds.rng(k, "test")) for k in range(50)]
    assert sum(each < -1e-3 for each in few) > 40  # of 8^8 maps of eight values only 8! merge none, and tables differ
    assert len(set(few)) > 40


@pytest.mark.parametrize("distance", [0.5, 3.0, 6.0])
def test_free_logistic_models_of_a_mixture_are_calibrated(distance):
    found = definitions.mixture_readings(distance, 1e3, noise=1.0, dimension=16, kept=4)
    exact = theory.mixture_v_information(distance, 1.0, 16, 4)
    assert found["losses"] == pytest.approx(exact, abs=1e-8)
    assert found["scores"] == pytest.approx(exact, abs=1e-8)
    assert found["decisions"] < found["losses"]
    assert definitions.gap(found) == found["scores"] - found["losses"]


def test_bounded_weights_lose_by_losses_only():
    found = definitions.mixture_readings(3.0, 0.5, noise=1.0, dimension=16, kept=4)
    half = 3.0 * 0.5 / 2  # what V sees of the mean
    assert found["losses"] == pytest.approx(1 - theory.margin_cross_entropy(0.5 * half, 0.5), abs=1e-6)
    assert definitions.gap(found) > 0.1
    assert found["decisions"] == theory.mixture_decision_information(3.0, 1.0, 16, 4)


def test_information_at_the_corners():
    assert definitions.corner_information([0, 0, 0, 0]) == 0
    assert definitions.corner_information([1, 0, 0, 1]) == pytest.approx(1)
    assert definitions.corner_information([1, 2, 3, 4]) == pytest.approx(1)
    assert definitions.corner_information([1, 0, 0, 0]) == pytest.approx(  # one corner of two against three
        1 - 0.75 * theory.binary_entropy(1 / 3)
    )


def test_recalibration():
    assert definitions.recalibrated_loss([1, 0, 0, 1]) == 0
    assert definitions.recalibrated_loss([0, 0, 0, 0]) == pytest.approx(math.log(2))
    one = definitions.recalibrated_loss([1, 0, 0, 0])
    assert one == pytest.approx(0.75 * theory.binary_entropy(1 / 3) * math.log(2))


def test_readings_of_the_product():
    linear, recalibrated = definitions.product_readings()
    assert linear["losses"] == pytest.approx(0, abs=1e-9)
    assert linear["scores"] == pytest.approx(1)
    assert linear["decisions"] == pytest.approx(1 - 0.75 * theory.binary_entropy(1 / 3))
    assert recalibrated == {**linear, "losses": pytest.approx(1)}


def test_planes_make_every_split_that_planes_can():
    """All of the 16 dichotomies of the corners but the product and its opposite, as random planes do."""
    rng = np.random.default_rng(0)
    corners = np.array(definitions.CORNERS)

    def splits(planes):
        return {tuple(row) for row in ((corners @ planes[:, :2].T + planes[:, 2]) > 0).T.tolist()}

    assert splits(np.array(definitions.PLANES)) == splits(rng.normal(size=(5000, 3)) * [1, 1, 1.5])
    assert len(splits(np.array(definitions.PLANES))) == 14


def test_sources():
    assert definitions.erased_source(0.4) == (0.8, 0.6)
    accuracy, bits = definitions.mixture_source(1.0)
    assert accuracy == pytest.approx(0.8413447, abs=1e-7)
    assert bits == theory.mixture_shannon_information(2.0, 1.0)


def test_largest_loss():
    rising = [(0.5, 0.0), (0.6, 0.3), (0.7, 0.9)]
    lower = [(accuracy, bits / 2) for accuracy, bits in rising]
    assert definitions.largest_loss(rising, rising) == pytest.approx(-0.3)
    assert definitions.largest_loss(rising, lower) == pytest.approx(0.3 - 0.45)
    assert definitions.largest_loss([(0.6, 0.9)], lower) == pytest.approx(0.9 - 0.45)
    assert definitions.largest_loss([(0.695, 0.9)], lower) == -math.inf  # nothing is clearly more accurate
