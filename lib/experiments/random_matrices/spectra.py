"""Notebook random-matrices/01: spectra of sample covariances, traces of resolvents, and the deltas of eq. 7 on drawn data.

Source: "Maximizing the Potential of Synthetic Data", Section 3.1, eq. 7, Figures 1 and 2.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from scipy.integrate import quad
from torch import Tensor

from lib import seeds
from lib.models.linear.ridge_mix import fit_generator, synthetic_sums
from lib.statistics import Estimate, mean_and_error, relative_gap
from lib.theory.random_matrices.closed_form import ridge_as_printed
from lib.theory.random_matrices.equation import RidgeLimit
from lib.theory.random_matrices.marchenko_pastur import (
    marchenko_pastur_atom,
    marchenko_pastur_density,
    marchenko_pastur_edges,
)
from lib.theory.random_matrices.ridge import ridge

NOTEBOOK = "random-matrices/01"  # of the streams' names
ZERO = 1e-8  # an eigenvalue below this is 0 but for rounding
BLOCK = 4096  # rows drawn at a time
DELTAS = ("delta_r", "delta_s", "delta_g")
FORMULAS = {"corrected": ridge, "as printed": ridge_as_printed}
SETTINGS = {  # n, m and n_hat in rows a feature
    "strong verifier": {"n": 2, "m": 4, "n_hat": 2, "gamma": 0.1, "epsilon": 0.3, "psi": 0.1, "phi": 0.9},
    "weak verifier": {"n": 2, "m": 4, "n_hat": 2, "gamma": 0.1, "epsilon": 0.3, "psi": 1.0, "phi": 0.5},
    "heavy pruning": {"n": 1, "m": 5, "n_hat": 0.5, "gamma": 0.02, "epsilon": 0.2, "psi": 0.1, "phi": 0.4},
    "nothing pruned": {"n": 2, "m": 4, "n_hat": 2, "gamma": 0.1, "epsilon": 0.3, "psi": 1.0, "phi": 1.0},
}
# its traces scatter three times as much, and an error counts three times in a verdict
MORE_DRAWS = {"heavy pruning": 10}
FIGURE_2 = {"gamma": 1.0, "epsilon": 0.2, "psi": 0.2, "phi": 0.9}
PUBLISHED = {2: "blue", 5: "orange", 10: "green"}  # m/n: colour of its curve in data/published/random-matrices.json
PUBLISHED_N = 1000
PUBLISHED_P = [int(10 + k * 9990 / 49) for k in range(50)]  # where the curves of Figure 2 have their points


def eigenvalues(*, seed: int, p: int, rows: int) -> list[float]:
    """Part: the p eigenvalues, rising, of the sample covariance of so many standard normal rows.

    Checked by tests/experiments/random_matrices/test_spectra.py.
    """
    generator = seeds.generator(seed, NOTEBOOK, "eigenvalues", p, rows)
    gram = torch.zeros(p, p, dtype=torch.float64)
    for start in range(0, rows, BLOCK):
        block = torch.randn(min(BLOCK, rows - start), p, generator=generator).double()
        gram += block.mT @ block
    return torch.linalg.eigvalsh(gram / rows).tolist()


def cumulative(t: np.ndarray, ratio: float) -> np.ndarray:
    """The Marchenko-Pastur distribution function at t (any shape), ratio = p/n_hat > 0; accurate to 1e-5.

    Checked by tests/experiments/random_matrices/test_spectra.py, against quadrature.
    """
    low, high = marchenko_pastur_edges(ratio)
    grid = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, 4001))) / 2  # dense where the density bends
    density = np.array([marchenko_pastur_density(float(x), ratio) for x in grid])
    mass = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(grid))])
    return marchenko_pastur_atom(ratio) + np.interp(t, grid, mass)


def distance(values: Sequence[float], ratio: float) -> float:
    """Largest distance between the distribution functions of rising eigenvalues and of the law, at eigenvalues above 0.

    An eigenvalue stands in the middle of its own step. Checked by tests/experiments/random_matrices/test_spectra.py.
    """
    values = np.asarray(values)
    middle = (np.arange(len(values)) + 0.5) / len(values)
    return float(np.abs(cumulative(values, ratio) - middle)[values > ZERO].max())


def histogram(values: Sequence[float], bins: int = 15) -> tuple[np.ndarray, np.ndarray]:
    """Heights (bins,) and edges (bins + 1,) of the eigenvalues above 0, as a density over all of them, zeros included.

    Checked by tests/experiments/random_matrices/test_spectra.py.
    """
    values = np.asarray(values)
    counts, edges = np.histogram(values[values > ZERO], bins=bins)
    return counts / (len(values) * np.diff(edges)), edges


def share_above_zero(values: Sequence[float]) -> float:
    """Share of the eigenvalues that are not 0."""
    return float((np.asarray(values) > ZERO).mean())


def trace_limit(gamma: float, ratio: float) -> float:
    """Limit of ``tr Q / p`` for the resolvent ``Q = (C_hat + gamma I)^-1``, ratio = p/n_hat in (0, 1), gamma > 0.

    Checked by tests/experiments/random_matrices/test_spectra.py, against the root of a quadratic equation.
    """
    return quad(lambda t: marchenko_pastur_density(t, ratio) / (t + gamma), *marchenko_pastur_edges(ratio))[0]


def traces(*, seed: int, p: int, rows: int, gamma: float, draws: int) -> list[float]:
    """Part: ``tr Q / p`` for each draw of so many standard normal rows.

    Checked by tests/experiments/random_matrices/test_spectra.py.
    """
    generator, found = seeds.generator(seed, NOTEBOOK, "traces", p, rows), []
    for _ in range(draws):
        x = torch.randn(rows, p, generator=generator).double()
        found.append(float((1 / (torch.linalg.eigvalsh(x.mT @ x / rows) + gamma)).mean()))
    return found


def inverse(matrix: Tensor) -> Tensor:
    """Inverse of a positive definite matrix (p, p), by its Cholesky factor."""
    return torch.cholesky_inverse(torch.linalg.cholesky(matrix))


def deltas(
    *,
    seed: int,
    draw: int,
    p: int,
    n: int,
    m: int,
    n_hat: int,
    gamma: float,
    epsilon: float,
    psi: float,
    phi: float,
) -> list[float]:
    """Part: delta_r, delta_s and delta_g as traces of one drawn model, whose generator knows the mean, 0.

    ``delta_r = tr Q / N``, ``delta_s = tr (C_hat Q) / N``, ``1 + delta_g = delta_r / delta_s``; Q is the resolvent of eq. 6.
    Checked by tests/experiments/random_matrices/test_spectra.py.
    """
    names = (p, n, m, n_hat, gamma, epsilon, psi, phi, draw)
    random, total = seeds.generator(seed, NOTEBOOK, "deltas", *names), n + m
    real = torch.randn(n, p, generator=random).double()
    seen = torch.randn(1, n_hat, p, generator=random).double()
    mean, root = fit_generator(seen, mean=torch.zeros(p, dtype=torch.float64))
    synthetic = synthetic_sums(mean, root, m, epsilon, psi, phi, random=random)[0][0]
    resolvent = inverse((real.mT @ real + synthetic) / total + gamma * torch.eye(p, dtype=torch.float64))
    delta_r = float(resolvent.trace()) / total
    delta_s = float((root[0] * (resolvent @ root[0])).sum()) / total
    return [delta_r, delta_s, delta_r / delta_s - 1]


def setting(name: str, p: int) -> dict[str, float]:
    """One of SETTINGS at dimension p: the arguments of :func:`deltas` but for seed and draw."""
    rows = {size: round(SETTINGS[name][size] * p) for size in ("n", "m", "n_hat")}
    return SETTINGS[name] | rows | {"p": p}


def draws_of(name: str, repeats: int) -> int:
    """Draws behind one of SETTINGS: ``repeats``, or MORE_DRAWS times as many."""
    return MORE_DRAWS.get(name, 1) * repeats


def figure_2_setting(p: int, n: int, m_over_n: int) -> dict[str, float]:
    """The setting of Figure 2 at dimension p: the arguments of :func:`deltas` but for seed and draw."""
    return FIGURE_2 | {"p": p, "n": n, "m": m_over_n * n, "n_hat": n}


def in_theory(formula: str, setting: Mapping[str, float]) -> RidgeLimit:
    """What one of FORMULAS says; the deltas do not depend on the class mean."""
    return FORMULAS[formula](**setting, mu_norm=0.0)


def compared(drawn: Mapping[str, Sequence[Sequence[float]]], p: int) -> list[dict]:
    """delta_s of each of SETTINGS, drawn and by both formulas: a row a setting.

    ``drawn``: deltas (draw, 3) by setting. Checked by tests/experiments/random_matrices/test_spectra.py.
    """
    rows = []
    for name, values in drawn.items():
        own = setting(name, p)
        kept = own["phi"] * (1 - own["epsilon"]) + own["psi"] * own["epsilon"]
        row = {"setting": name, "share kept": kept, "drawn": mean_and_error(np.array(values)[:, 1])}
        rows.append(row | {formula: in_theory(formula, own).delta_s for formula in FORMULAS})
    return rows


def gaps(rows: Sequence[Mapping]) -> dict[str, Estimate]:
    """Largest relative gap of each formula over the rows of :func:`compared`: what the claim on delta_s tests.

    Checked by tests/experiments/random_matrices/test_spectra.py.
    """
    return {
        name: max(relative_gap(row[formula], row["drawn"]) for row in rows)
        for name, formula in (("printed", "as printed"), ("corrected", "corrected"))
    }


def published_curve(published: Mapping, delta: str, m_over_n: int) -> np.ndarray:
    """Published (p/n, delta) of Figure 2: (2, 50). ``published``: content of data/published/random-matrices.json."""
    return np.array(published[f"fig2_{delta}"]["lines"][PUBLISHED[m_over_n]][0]).T


def curve(formula: str, delta: str, m_over_n: int) -> np.ndarray:
    """What a formula says at the points of a published curve: (50,)."""
    settings = [figure_2_setting(p, PUBLISHED_N, m_over_n) for p in PUBLISHED_P]
    return np.array([getattr(in_theory(formula, own), delta) for own in settings])


def published_gap(published: Mapping) -> float:
    """Largest distance of the printed equation's deltas from the published curves, 450 points.

    Checked by tests/experiments/random_matrices/test_spectra.py.
    """
    curves = [(delta, more) for delta in DELTAS for more in PUBLISHED]
    gaps = [curve("as printed", *each) - published_curve(published, *each)[1] for each in curves]
    return float(np.abs(gaps).max())


def leverage(*, seed: int, p: int, n: int, gamma: float) -> float:
    """Mean over rows of ``x Q x / N``, n real rows alone: how much a row acts on its own score.

    It tends to ``delta_r / (1 + delta_r)``. Checked by tests/experiments/random_matrices/test_spectra.py.
    """
    x = torch.randn(n, p, generator=seeds.generator(seed, NOTEBOOK, "leverage", p, n)).double()
    resolvent = inverse(x.mT @ x / n + gamma * torch.eye(p, dtype=torch.float64))
    return float((x @ resolvent * x).sum(1).mean() / n)
