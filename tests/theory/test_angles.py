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


def test_border_and_bad_triplets():
    assert theory.angles_theorem_accuracy(0.3 * math.pi, 0.7 * math.pi, 0.9 * math.pi) == 0.5
    with pytest.raises(ValueError, match="triangle inequality"):
        theory.angles_theorem_accuracy(0.1, 0.1, 0.3)
