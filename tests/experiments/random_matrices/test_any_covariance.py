"""The best ridge for any covariance: variances, fits against the theory of a given covariance, gains made up."""

import numpy as np
import pytest

from lib.array_theory.given_covariance import ridge_shared
from lib.experiments.random_matrices import any_covariance

CASE = {"p": 30, "n": 60, "m": 240, "mu_norm": 0.6}


def test_variances():
    found = any_covariance.variances(7)
    assert float(found.mean()) == pytest.approx(1)
    assert float(found[-1] / found[0]) == pytest.approx(100)


def test_fits_meet_the_theory_of_a_given_covariance():
    found = any_covariance.simulated(seed=1, block=0, repeats=60, **CASE)
    mean, covariance = np.full(30, 0.6 / 30**0.5), np.diag(any_covariance.variances(30).numpy())
    own = {"n": 60, "n_hat": 60, "epsilon": any_covariance.EPSILON}
    for place in (2, 8):
        ridge = any_covariance.RIDGES[place]
        for method, more in (
            ("shared", {"m": 240, "psi": 0.0, "phi": 1.0}),
            (any_covariance.ALONE, {"m": 0, "psi": 1.0, "phi": 1.0}),
        ):
            values = np.array(found[method])[:, place]
            expected = ridge_shared(mean, covariance, gamma=ridge, **own, **more).accuracy
            assert values.mean() == pytest.approx(expected, abs=4 * values.std() / 60**0.5 + 0.5 / 30)


def test_blocks_have_draws_of_their_own():
    one, other = (any_covariance.simulated(seed=1, block=k, repeats=2, **CASE) for k in (0, 1))
    assert one != other
    assert one == any_covariance.simulated(seed=1, block=0, repeats=2, **CASE)
    assert any_covariance.joined([one, other])["shared"].shape == (4, len(any_covariance.RIDGES))


def test_gains():
    """Best columns 1, 0, 0, 1; gains repeat by repeat."""
    found = {
        any_covariance.ALONE: np.array([[0.5, 0.6], [0.5, 0.7]]),
        "known_mean": np.array([[0.8, 0.1], [0.8, 0.1]]),
        "independent": np.array([[0.7, 0.1], [0.8, 0.1]]),
        "shared": np.array([[0.1, 0.6], [0.1, 0.6]]),
    }
    gains = any_covariance.gains(found)
    assert gains["known_mean"].value == pytest.approx(0.15)
    assert gains["independent"] == pytest.approx((0.1, 0.0))
    assert gains["shared"] == pytest.approx((-0.05, 0.05))
