"""Given-covariance theory: against Monte Carlo, against the formulas for C = I, and in limits known exactly."""

import math
import re

import numpy as np
import pytest
from oracles import matrix_root

from lib.array_theory.given_covariance import ridge_given, ridge_shared
from lib.theory import gaussian
from lib.theory.random_matrices.ridge import ridge

P = 100
SETTINGS = {  # n, m, n_hat, gamma, epsilon, psi, phi
    "strong verifier": (200, 400, 150, 0.1, 0.3, 0.1, 0.9),
    "few rows": (80, 500, 80, 0.02, 0.2, 0.1, 0.4),
    "no verifier": (200, 300, 60, 0.3, 0.2, 1.0, 1.0),
    "oracle, many": (160, 2400, 160, 0.1, 0.2, 0.0, 1.0),
    "worse than chance": (60, 400, 50, 0.1, 0.7, 0.9, 0.5),
}
LIMIT_FIELDS = ("mean", "variance", "accuracy", "delta_r", "delta_s")


def moments(p=P, spread=100.0, norm=0.9, *, seed):
    """A random mean, a covariance whose eigenvalues spread over a factor, and a second pair that overlaps with both."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.standard_normal((p, p)))[0]
    values = np.geomspace(1, 1 / spread, p)
    covariance = (basis * (values / values.mean())) @ basis.T
    mean = matrix_root(covariance) @ rng.standard_normal(p)
    mean *= norm / np.linalg.norm(mean)
    rows = rng.standard_normal((2 * p, p))
    second = 0.5 * covariance + 0.25 * rows.T @ rows / p
    return mean, covariance, 0.7 * mean + 0.4 * rng.standard_normal(p) / p**0.5, second


def arguments(setting):
    n, m, n_hat, gamma, epsilon, psi, phi = SETTINGS[setting]
    return {"n": n, "m": m, "gamma": gamma, "epsilon": epsilon, "psi": psi, "phi": phi}, n_hat


def simulate(generator, n, m, n_hat, gamma, epsilon, psi, phi, *, seed, repeats=150):
    """Mean, variance, accuracy of eq. 6 and accuracy on its real training rows: means (4,) and standard errors (4,)."""
    mean, covariance, second_mean, second = moments(seed=seed)
    rng, root, second_root, found = np.random.default_rng(seed + 1), matrix_root(covariance), matrix_root(second), []
    for _ in range(repeats):
        real = mean + rng.standard_normal((n, P)) @ root
        center, spread = second_mean, second_root
        if generator != "given":
            seen = real[:n_hat]
            center = seen.mean(0) if generator == "estimated" else mean
            spread = matrix_root((seen - center).T @ (seen - center) / n_hat)
        synthetic = center + rng.standard_normal((m, P)) @ spread
        wrong = rng.random(m) < epsilon
        kept = (rng.random(m) < np.where(wrong, psi, phi)).astype(float)
        gram = real.T @ real + (synthetic * kept[:, None]).T @ synthetic
        moment = real.sum(0) + (kept * np.where(wrong, -1, 1)) @ synthetic
        w = np.linalg.solve(gram / (n + m) + gamma * np.eye(P), moment / (n + m))
        margin, variance = w @ mean, w @ covariance @ w
        train = (real @ w > 0).mean() if n else 0.0
        found.append((margin, variance, gaussian.cdf(margin / variance**0.5), train))
    return np.mean(found, 0), np.std(found, 0, ddof=1) / repeats**0.5


def assert_near(limit, measured, errors, train_allowance):
    """Within four standard errors and a finite-size allowance: 1/P relative for moments, 0.1/P for the accuracy.

    The limit's error is of order 1/p. At p = 100 and 3000 repeats the largest found here were 0.9 % and 0.0007.
    """
    theory = np.array(limit[:4])
    allowance = np.array([abs(theory[0]) / P, theory[1] / P, 0.1 / P, train_allowance])
    assert (np.abs(measured - theory) <= 4 * errors + allowance)[np.isfinite(theory)].all(), (theory, measured, errors)


@pytest.mark.parametrize("setting", SETTINGS)
def test_given_against_monte_carlo(setting):
    keywords, n_hat = arguments(setting)
    limit = ridge_given(*moments(seed=3), **keywords)
    assert_near(limit, *simulate("given", n_hat=n_hat, **keywords, seed=3), train_allowance=0.005)


def test_given_without_real_rows():
    keywords = arguments("strong verifier")[0] | {"n": 0}
    limit = ridge_given(*moments(seed=4), **keywords)
    assert math.isnan(limit.train_accuracy)
    assert_near(limit, *simulate("given", n_hat=0, **keywords, seed=4), train_allowance=0.0)


@pytest.mark.parametrize("synthetic_mean", ["estimated", "known"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_shared_against_monte_carlo(setting, synthetic_mean):
    keywords, n_hat = arguments(setting)
    limit = ridge_shared(*moments(seed=5)[:2], n_hat=n_hat, synthetic_mean=synthetic_mean, **keywords)
    assert_near(limit, *simulate(synthetic_mean, n_hat=n_hat, **keywords, seed=5), train_allowance=0.005)


# Reference values of the chapter for C = I, each confirmed there by simulation: p, n, m, n_hat, |mu|, gamma, epsilon, psi, phi
ROWS = {
    "B": ((300, 600, 1200, 600, 1.0, 0.1, 0.0, 1.0, 1.0), (0.45675, 0.51504, 0.73776)),
    "D": ((300, 600, 1200, 600, 1.0, 0.1, 0.3, 0.1, 0.9), (0.42535, 0.44503, 0.73814)),
    "E": ((300, 600, 1200, 600, 1.0, 0.1, 0.3, 1.0, 0.5), (0.23148, 0.23917, 0.68201)),
    "F": ((300, 600, 1200, 600, 1.0, 0.1, 0.3, 1.0, 1.0), (0.28296, 0.29278, 0.69949)),
    "H": ((300, 300, 1500, 150, 1.5, 0.02, 0.2, 0.1, 0.4), (0.60235, 0.62703, 0.77658)),
    "O": ((500, 1000, 4000, 1000, 0.7, 1.0, 0.2693, 0.0, 1.0), (0.15696, 0.11737, 0.67658)),
    "P": ((500, 1000, 4000, 1000, 0.7, 1.0, 0.2693, 1.0, 0.5), (0.05983, 0.02939, 0.63647)),
}


def first_axis(p, norm):
    mean = np.zeros(p)
    mean[0] = norm
    return mean


@pytest.mark.parametrize("row", ROWS)
def test_shared_identity(row):
    (p, n, m, n_hat, norm, gamma, epsilon, psi, phi), expected = ROWS[row]
    keywords = {"n": n, "m": m, "gamma": gamma, "epsilon": epsilon, "psi": psi, "phi": phi}
    limit = ridge_shared(first_axis(p, norm), np.eye(p), n_hat=n_hat, **keywords)
    assert limit[:3] == pytest.approx(expected, abs=2e-5)  # five printed decimals; epsilon of O and P has four
    formula = ridge(
        p=p, n=n, m=m, n_hat=n_hat, mu_norm=norm, gamma=gamma, epsilon=epsilon, psi=psi, phi=phi, generator="shared"
    )
    for field in LIMIT_FIELDS:
        assert getattr(limit, field) == pytest.approx(getattr(formula, field), rel=1e-9)


@pytest.mark.parametrize("row", ROWS)
def test_given_identity(row):
    (p, n, m, _, norm, gamma, epsilon, psi, phi), _ = ROWS[row]
    keywords = {"n": n, "m": m, "gamma": gamma, "epsilon": epsilon, "psi": psi, "phi": phi}
    mean, eye = first_axis(p, norm), np.eye(p)
    limit = ridge_given(mean, eye, mean, eye, **keywords)
    formula = ridge(
        p=p,
        n=n,
        m=m,
        n_hat=math.inf,
        mu_norm=norm,
        gamma=gamma,
        epsilon=epsilon,
        psi=psi,
        phi=phi,
        generator="known_mean",
    )
    for field in LIMIT_FIELDS:
        assert getattr(limit, field) == pytest.approx(getattr(formula, field), rel=1e-9)


@pytest.mark.parametrize("generator", ["known_mean", "independent"])
def test_average_of_given_generators(generator):
    """Drawn generators, each given, meet the formula that averages over them: four standard errors and 1/p."""
    (p, n, m, n_hat, norm, gamma, epsilon, psi, phi), _ = ROWS["H"]
    keywords = {"n": n, "m": m, "gamma": gamma, "epsilon": epsilon, "psi": psi, "phi": phi}
    mean, rng, found = first_axis(p, norm), np.random.default_rng(6), []
    for _ in range(8):
        noise = rng.standard_normal((n_hat, p))
        center = noise.mean(0)
        if generator == "known_mean":
            drawn = mean, noise.T @ noise / n_hat
        else:
            drawn = mean + center, (noise - center).T @ (noise - center) / n_hat
        found.append([getattr(ridge_given(mean, np.eye(p), *drawn, **keywords), field) for field in LIMIT_FIELDS])
    formula = ridge(
        p=p, n=n, m=m, n_hat=n_hat, mu_norm=norm, gamma=gamma, epsilon=epsilon, psi=psi, phi=phi, generator=generator
    )
    expected = np.array([getattr(formula, field) for field in LIMIT_FIELDS])
    error = np.std(found, 0, ddof=1) / 8**0.5
    assert (np.abs(np.mean(found, 0) - expected) <= 4 * error + expected / p).all()


def test_nothing_synthetic():
    """With m = 0, or nothing kept of m rows at a ridge that makes up for N, the generator does not matter."""
    mean, covariance, second_mean, second = moments(seed=7)
    plain = {"n": 150, "m": 0, "gamma": 0.2, "epsilon": 0.3, "psi": 0.0, "phi": 1.0}
    pruned = {"n": 150, "m": 150, "gamma": 0.1, "epsilon": 1.0, "psi": 0.0, "phi": 1.0}  # alpha = 0
    reference = ridge_given(mean, covariance, mean, covariance, **plain)
    others = [
        ridge_given(mean, covariance, second_mean, second, **pruned),
        ridge_shared(mean, covariance, n_hat=70, **plain),
        ridge_shared(mean, covariance, n_hat=70, synthetic_mean="known", **pruned),
    ]
    for other in others:
        assert other[:5] == pytest.approx(reference[:5], rel=1e-9)


def test_perfect_generator_is_real_data():
    """True moments, right labels, nothing pruned: m synthetic rows are m real ones."""
    mean, covariance = moments(seed=8)[:2]
    keywords = {"gamma": 0.2, "epsilon": 0.0, "psi": 0.5, "phi": 1.0}
    mixed = ridge_given(mean, covariance, mean, covariance, n=50, m=250, **keywords)
    real = ridge_given(mean, covariance, mean, covariance, n=300, m=0, **keywords)
    assert mixed == pytest.approx(real, rel=1e-10)


@pytest.mark.parametrize("setting", ["strong verifier", "oracle, many"])
def test_shared_generator_adds_nothing(setting):
    """n_hat = n and m to infinity: ridge on the n real rows alone with gamma / alpha, whatever C."""
    keywords = arguments(setting)[0] | {"m": 10**12}
    alpha = keywords["phi"] * (1 - keywords["epsilon"]) + keywords["psi"] * keywords["epsilon"]
    mean, covariance = moments(seed=9)[:2]
    mixed = ridge_shared(mean, covariance, n_hat=keywords["n"], **keywords)
    real = ridge_shared(mean, covariance, n_hat=1, **keywords | {"m": 0, "gamma": keywords["gamma"] / alpha})
    assert mixed.accuracy == pytest.approx(real.accuracy, rel=1e-7)  # 1/m times its factors, and rounding


@pytest.mark.parametrize("gamma", [1e-9, 1e-3, 1e6])
def test_units(gamma):
    """Rows in other units and other axes, with the ridge to match, give the same accuracies and deltas; at any ridge."""
    pairs = moments(seed=10)
    turn = np.linalg.qr(np.random.default_rng(11).standard_normal((P, P)))[0]
    turned = [7 * turn @ a if a.ndim == 1 else 49 * turn @ a @ turn.T for a in pairs]
    turned = [(a + a.T) / 2 if a.ndim == 2 else a for a in turned]
    keywords = {"n": 300, "m": 200, "epsilon": 0.2, "psi": 0.3, "phi": 0.9}
    for limits in (
        [ridge_given(*a, gamma=g, **keywords) for a, g in ((pairs, gamma), (turned, 49 * gamma))],
        [ridge_shared(*a[:2], n_hat=250, gamma=g, **keywords) for a, g in ((pairs, gamma), (turned, 49 * gamma))],
    ):
        assert limits[0][2:] == pytest.approx(limits[1][2:], rel=1e-6)


BAD = {
    "n + m = 0": {"n": 0, "m": 0},
    "n = -1": {"n": -1},
    "n = 2.5": {"n": 2.5},
    "gamma = 0.0 is outside [1e-60, 1e+60]": {"gamma": 0.0},
    "epsilon = 1.5 is outside [0, 1]": {"epsilon": 1.5},
    "psi = -0.1 is outside [0, 1]": {"psi": -0.1},
    "phi = nan": {"phi": math.nan},
    "nothing is kept": {"n": 0, "psi": 0.0, "phi": 0.0},
    "covariance has smallest eigenvalue -0.5, allowed: [0, inf)": {"covariance": np.diag([1.0, -0.5])},
    "synthetic_covariance has smallest eigenvalue -2": {"synthetic_covariance": np.diag([1.0, -2.0])},
    "covariance differs from its transpose by 1": {"covariance": np.array([[2.0, 1.0], [0.0, 2.0]])},
    "covariance has shape (3, 3), allowed: (2, 2)": {"covariance": np.eye(3)},
    "covariance has trace 0": {"covariance": np.zeros((2, 2))},
    "mean has shape (0,)": {"mean": np.zeros(0)},
    "synthetic_mean has shape (3,), allowed: (2,)": {"synthetic_mean": np.zeros(3)},
    "mean holds nan; allowed": {"mean": np.array([math.nan, 0.0])},
    "n_hat = 11 is outside [1, n = 10]": {"n_hat": 11},
    "n_hat = 0 is outside [1, 1000000000000000]": {"n_hat": 0},
    "synthetic_mean = 'true' is not one of 'estimated', 'known'": {"synthetic_mean": "true"},
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input(message):
    given = {"mean": np.ones(2), "covariance": np.eye(2)}
    given |= {"n": 10, "m": 10, "gamma": 0.1, "epsilon": 0.2, "psi": 0.1, "phi": 0.9} | BAD[message]
    if {"n_hat", "synthetic_mean"} & set(BAD[message]) and not message.startswith("synthetic_mean has"):
        function, extra = ridge_shared, {"n_hat": 5}
    else:
        function, extra = ridge_given, {"synthetic_mean": np.ones(2), "synthetic_covariance": np.eye(2)}
    with pytest.raises(ValueError, match=re.escape(message)):
        function(**extra | given)
