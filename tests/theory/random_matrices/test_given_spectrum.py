"""lib.theory.random_matrices.given_spectrum against the theory with matrices, and where all eigenvalues are one."""

import numpy as np
import pytest

from lib.array_theory.given_covariance import ridge_given
from lib.theory.random_matrices.given_spectrum import ridge_on_spectrum
from lib.theory.random_matrices.ridge import ridge

SETTING = {"n": 50, "m": 100, "gamma": 1.0, "epsilon": 0.3, "psi": 0.4, "phi": 0.8}


@pytest.mark.parametrize("seed", range(12))
def test_against_matrices(seed):
    """1e-9, as both sides solve the same equation to rounding; settings are drawn, one with no real rows, one with no others."""
    rng = np.random.default_rng(seed)
    p = int(rng.integers(1, 30))
    rows, mean = rng.normal(size=(2 * p, p)), rng.normal(size=p) / p**0.5
    covariance = rows.T @ rows / p
    values, vectors = np.linalg.eigh(covariance)
    epsilon, psi, phi = rng.random(3)
    setting = {
        "n": 0 if seed == 0 else int(rng.integers(1, 200)),
        "m": 0 if seed == 1 else int(rng.integers(1, 500)),
        "gamma": float(10 ** rng.uniform(-2, 2)),
        **{"epsilon": epsilon, "psi": psi, "phi": phi},
    }
    found = ridge_on_spectrum(values=values.clip(0).tolist(), powers=((vectors.T @ mean) ** 2).tolist(), **setting)
    known = ridge_given(mean, covariance, mean, covariance, **setting)
    assert found.delta == pytest.approx(known.delta_r, rel=1e-9)
    assert found[:3] == pytest.approx(known[:3], rel=1e-9)


def test_identity():
    known = ridge(p=20, n_hat=float("inf"), mu_norm=0.9, **SETTING)
    found = ridge_on_spectrum(values=[1.0] * 20, powers=[0.81] + [0.0] * 19, **SETTING)
    assert found[:3] == pytest.approx(known[:3], rel=1e-9)


def test_no_mean():
    assert ridge_on_spectrum(values=[1.0, 2.0], powers=[0.0, 0.0], **SETTING).accuracy == 0.5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"values": [1.0, -1.0]}, r"^values\[1\] = -1.0 is outside"),
        ({"powers": [1.0]}, r"values and powers have 2 and 1 numbers; allowed"),
        ({"values": [0.0, 0.0]}, r"a value above 0"),
        ({"n": 0, "m": 0}, r"^n \+ m = 0"),
        ({"gamma": 0.0}, r"^gamma = 0.0 is outside"),
        ({"epsilon": 1.5}, r"^epsilon = 1.5 is outside"),
        ({"n": 0, "psi": 0.0, "phi": 0.0}, r"nothing is kept"),
    ],
)
def test_bad_input(change, words):
    with pytest.raises(ValueError, match=words):
        ridge_on_spectrum(**({"values": [1.0, 2.0], "powers": [0.1, 0.1]} | SETTING | change))
