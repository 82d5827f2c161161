"""Endless synthetic rows against ridge on the generator's own rows, in the limit and on one data set."""

import numpy as np
import pytest
import torch

from lib import seeds
from lib.experiments.random_matrices import endless_rows

RATES = {"epsilon": 0.3, "psi": 0.2, "phi": 0.9}


@pytest.mark.parametrize("generator", ["shared", "independent"])
@pytest.mark.parametrize(("p", "n_hat", "gamma"), [(50, 100, 1.0), (200, 60, 0.01), (10, 1000, 30.0)])
def test_both_limits_are_one(generator, p, n_hat, gamma):
    found = endless_rows.limits(p=p, n_hat=n_hat, mu_norm=1.1, gamma=gamma, generator=generator, **RATES)
    assert found.endless == pytest.approx(found.alone, abs=1e-7)
    assert 0.5 < found.alone < 1


def test_the_verifier_is_in_the_ridge_only():
    strict, lax = ({"epsilon": 0.0, "psi": 1.0, "phi": phi} for phi in (0.1, 1.0))
    own = {"p": 50, "n_hat": 100, "mu_norm": 1.0, "generator": "shared"}
    assert endless_rows.limits(gamma=0.1, **own, **strict).alone == endless_rows.limits(gamma=1.0, **own, **lax).alone
    assert endless_rows.kept_share(**RATES) == pytest.approx(0.69)


def test_apart():
    """It falls as one over the number of synthetic rows, to nothing."""
    own = {"seed": 1, "p": 10, "n": 30, "mu_norm": 0.7, "gamma": 0.5, **RATES}
    found = [endless_rows.apart(m=m, **own) for m in (300, 3000, 100_000)]
    assert found[0][0] > 3 * found[1][0] > 9 * found[2][0]
    assert 0 < found[2][0] < 2e-3


def test_apart_from_the_other_ridge_stays():
    """What is left with many rows is the angle between the two ridges, on the same rows."""
    own = {"seed": 1, "p": 10, "n": 30, "mu_norm": 0.7, "gamma": 0.5, "epsilon": 0.25, "psi": 0.0, "phi": 0.3}
    rows = torch.randn(
        1, 30, 10, generator=seeds.generator(1, "random-matrices/02", "one data set", 10, 30, 100_000)
    ).double()
    x = rows[0].numpy() + 0.7 / 10**0.5
    one, other = (np.linalg.solve(x.T @ x / 30 + g * np.eye(10), x.mean(0)) for g in (0.5, 0.5 / 0.225))
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    near, far = endless_rows.apart(m=100_000, **own)
    assert far == pytest.approx(1 - cosine, abs=3e-3)
    assert far > 5 * near


def test_apart_without_synthetic_rows():
    """With m = 0 the mix is real data alone with ridge gamma: by numpy, against ridge gamma/alpha."""
    rows = torch.randn(1, 30, 4, generator=seeds.generator(1, "random-matrices/02", "one data set", 4, 30, 0)).double()
    x = rows[0].numpy() + 0.35
    one, other = (np.linalg.solve(x.T @ x / 30 + g * np.eye(4), x.mean(0)) for g in (0.5, 0.5 / 0.69))
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    found, same = endless_rows.apart(seed=1, p=4, n=30, m=0, mu_norm=0.7, gamma=0.5, **RATES)
    assert same == pytest.approx(0, abs=1e-12)
    assert found == pytest.approx(1 - cosine, abs=1e-12)
    assert found > 1e-6
