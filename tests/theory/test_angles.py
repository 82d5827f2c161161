"""Only the sum of two angles decides: lib.theory.beyond_collapse.angles_theorem_accuracy against the rates."""

import math

import numpy as np
import pytest

from lib.theory import beyond_collapse as theory


def random_triplets(count, seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 3, 3))
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    for mu, generator, verifier in vectors:
        yield tuple(math.acos(u @ v) for u, v in ((mu, generator), (mu, verifier), (generator, verifier)))


@pytest.mark.parametrize("triplet", list(random_triplets(60, 0)))
def test_it_is_the_theorem_at_the_rates_of_both_models(triplet):
    expected = theory.angles_theorem_accuracy(*triplet)
    assert theory.theorem_accuracy(*theory.noiseless_rates(*triplet)) == expected
    assert theory.theorem_accuracy(*theory.mixture_rates(0.2, 30, *triplet)) == expected


@pytest.mark.parametrize("triplet", list(random_triplets(30, 1)))
def test_breakdown_points_of_both_models(triplet):
    theta_gen, theta_prune, _ = triplet
    below = theta_gen + theta_prune < math.pi
    assert (theta_gen / math.pi < theory.noiseless_breakdown_point(*triplet)) == below
    mixture = theory.mixture_rates(0.2, 30, *triplet)
    assert (mixture.p < theory.mixture_breakdown_point(0.2, 30, *triplet)) == below


def test_breakdown_point_of_self_verification_and_of_an_oracle():
    assert theory.noiseless_breakdown_point(1.0, 1.0, 0.0) == 0.5  # keeps everything
    assert theory.noiseless_breakdown_point(1.0, 0.0, 1.0) == 1.0  # keeps no wrong label
    assert theory.mixture_breakdown_point(0.2, 30, 1.0, 1.0, 0.0) == 0.5
    with pytest.raises(ValueError, match="nothing is kept"):
        theory.noiseless_breakdown_point(1.0, math.pi - 1.0, math.pi)


def test_border_and_bad_triplets():
    assert theory.angles_theorem_accuracy(0.3 * math.pi, 0.7 * math.pi, 0.9 * math.pi) == 0.5
    with pytest.raises(ValueError, match="triangle inequality"):
        theory.angles_theorem_accuracy(0.1, 0.1, 0.3)
