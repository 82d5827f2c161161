"""Notebook random-matrices/02: where the printed Theorem 4.2 and simulated fits part: estimated means, b2, seven settings.

Source: "Maximizing the Potential of Synthetic Data", Theorem 4.2 and Appendix D.
"""

import math
from collections.abc import Mapping, Sequence

import torch

from lib import seeds
from lib.models.linear.ridge_mix import fit_generator, simulate_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate, average, mean_and_error, relative_gap
from lib.theory.random_matrices.closed_form import ridge_as_coded, ridge_as_printed, ridge_closed_form
from lib.theory.random_matrices.equation import GENERATORS
from lib.theory.random_matrices.ridge import ridge

NOTEBOOK = "random-matrices/02"  # of the streams' names
B2_GAMMA = 0.1
B2_SETTINGS = (  # n, m and n_hat in rows a feature; all labels right, a share phi of the rows kept
    {"n": 2, "m": 4, "n_hat": 2, "phi": 1.0},
    {"n": 2, "m": 4, "n_hat": 2, "phi": 0.4},
    {"n": 1, "m": 5, "n_hat": 0.5, "phi": 1.0},
    {"n": 0, "m": 3, "n_hat": 1, "phi": 0.7},
    {"n": 1.5, "m": 4, "n_hat": 3, "phi": 0.3},
)
SIZES = ("n", "m", "n_hat")
NAMES = (*SIZES, "mu_norm", "gamma", "epsilon", "psi", "phi")
SETTINGS = {  # n, m and n_hat in rows a feature, inf: exact statistics; then the others of NAMES
    name: dict(zip(NAMES, values, strict=True))
    for name, values in {
        "clean labels, nothing pruned": (2, 4, 2, 1.0, 0.1, 0.0, 1.0, 1.0),
        "label noise, strong verifier": (2, 4, 2, 1.0, 0.1, 0.3, 0.1, 0.9),
        "label noise, weak verifier": (2, 4, 2, 1.0, 0.1, 0.3, 1.0, 0.5),
        "label noise, nothing pruned": (2, 4, 2, 1.0, 0.1, 0.3, 1.0, 1.0),
        "heavy pruning, small ridge": (1, 5, 0.5, 1.5, 0.02, 0.2, 0.1, 0.4),
        "synthetic only": (0, 3, 1, 1.0, 0.1, 0.2, 0.3, 0.8),
        "synthetic only, exact statistics": (0, 1, math.inf, 1.0, 1.0, 0.4, 0.3, 0.8),
    }.items()
}


def at_dimension(setting: Mapping[str, float], p: int) -> dict[str, float]:
    """One of SETTINGS or B2_SETTINGS at dimension p: rows in numbers. Exact statistics, inf, stay."""
    rows = {name: setting[name] if math.isinf(setting[name]) else round(setting[name] * p) for name in SIZES}
    return {"p": p, **setting, **rows}


def error_of_mean(*, seed: int, p: int, n_hat: int, mu_norm: float, draws: int) -> Estimate:
    """``E |mu_hat - mu|^2`` of a generator's estimated mean, from draws of its n_hat rows. The exact value is p / n_hat.

    Checked by tests/experiments/random_matrices/test_printed_theorem.py.
    """
    mu = torch.full((p,), mu_norm / p**0.5, dtype=torch.float64)
    generator = seeds.generator(seed, NOTEBOOK, "error of the mean", p, n_hat)
    rows = mu + torch.randn(draws, n_hat, p, generator=generator).double()
    return mean_and_error((fit_generator(rows)[0] - mu).square().sum(-1))


def b2_formulas(*, p: int, n: int, m: int, n_hat: int, phi: float) -> dict[str, float]:
    """b2 as printed, as in the public code, and corrected. Arguments as :func:`at_dimension` gives them.

    Checked by tests/experiments/random_matrices/test_printed_theorem.py.
    """
    limit, kappa, own = _weights(p=p, n=n, m=m, n_hat=n_hat, phi=phi)
    damping, eta, hat = 1 / (1 + limit.delta_g), p / (n + m), p / n_hat
    b = own + kappa * damping
    h2 = 1 - (kappa * damping / b) ** 2 * hat
    b1 = kappa / (1 + limit.delta_s) * eta * damping**2 / (h2 * b**2)
    return {"printed": b1 * damping**2, "coded": b1, "corrected": b1 * (damping**2 + h2 * hat)}


def b2_traces(*, seed: int, draws: int, p: int, n: int, m: int, n_hat: int, phi: float) -> list[float]:
    """Part: what b2 stands for, for each drawn covariance: ``kappa / (1 + delta_s) tr(C_hat Q C_hat Q) / N``.

    Q is ``((gamma + pi / (1 + delta_r)) I + kappa C_hat)^-1``. Checked by
    tests/experiments/random_matrices/test_printed_theorem.py.
    """
    limit, kappa, own = _weights(p=p, n=n, m=m, n_hat=n_hat, phi=phi)
    z = torch.randn(draws, n_hat, p, generator=seeds.generator(seed, NOTEBOOK, "b2", p, n, m, n_hat, phi)).double()
    covariance = z.mT @ z / n_hat  # (draws, p, p)
    replaced = own * torch.eye(p, dtype=torch.float64) + kappa * covariance
    product = covariance @ torch.cholesky_inverse(torch.linalg.cholesky(replaced))
    return (kappa / (1 + limit.delta_s) / (n + m) * (product * product.mT).sum((1, 2))).tolist()


def _weights(*, p: int, n: int, m: int, n_hat: int, phi: float):
    """The limit of a setting of b2; kappa; and ``gamma + pi / (1 + delta_r)``."""
    rates = {"mu_norm": 1.0, "gamma": B2_GAMMA, "epsilon": 0.0, "psi": 1.0, "phi": phi}
    limit = ridge_closed_form(p=p, n=n, m=m, n_hat=n_hat, **rates)
    return limit, phi * m / (n + m) / (1 + limit.delta_s), B2_GAMMA + n / (n + m) / (1 + limit.delta_r)


def b2_compared(drawn: Sequence[Sequence[float]], p: int) -> list[dict]:
    """The traces (setting, draw) beside the formulas: a row for each of B2_SETTINGS.

    Checked by tests/experiments/random_matrices/test_printed_theorem.py.
    """
    settings = [at_dimension(setting, p) for setting in B2_SETTINGS]
    return [
        own | {"drawn": mean_and_error(values)} | b2_formulas(**own)
        for own, values in zip(settings, drawn, strict=True)
    ]


def b2_gaps(rows: Sequence[Mapping]) -> dict[str, Estimate]:
    """Largest relative gap of a formula over the rows of :func:`b2_compared`: what the claim on b2 tests.

    Checked by tests/experiments/random_matrices/test_printed_theorem.py.
    """
    return {name: max(relative_gap(row[name], row["drawn"]) for row in rows) for name in ("printed", "corrected")}


def simulated(*, seed: int, setting: str, p: int, repeats: int) -> dict[str, list[Estimate]]:
    """Part: mean, variance and accuracy of fits in one of SETTINGS, by generator; ``shared`` only where the rows suffice.

    Checked by tests/experiments/random_matrices/test_printed_theorem.py.
    """
    own = at_dimension(SETTINGS[setting], p)
    kinds = [kind for kind in GENERATORS if kind != "shared" or own["n_hat"] <= own["n"]]
    random = seeds.generator(seed, NOTEBOOK, "settings", setting, p)
    mu, weights = simulate_ridge(**own, generators=kinds, repeats=repeats, random=random)
    return {
        kind: [
            mean_and_error(fits @ mu),
            mean_and_error(fits.square().sum(-1)),
            mean_and_error(two_classes.accuracy(fits, mu, 1.0)),
        ]
        for kind, fits in weights.items()
    }


def compared(table: Mapping[str, Mapping[str, Sequence]], p: int) -> list[dict]:
    """Simulated fits beside the limits of all formulas: a row a setting and generator.

    ``table``: by setting, what :func:`simulated` gave. A row has "setting", "generator", the Estimates "mean", "variance" and
    "accuracy", and the limits "printed", "coded", "known" (exact for a known mean) and "exact" (for the row's own generator).
    Checked by tests/experiments/random_matrices/test_printed_theorem.py.
    """
    rows = []
    for name, of_generator in table.items():
        own = at_dimension(SETTINGS[name], p)
        limits = {"printed": ridge_as_printed(**own), "coded": ridge_as_coded(**own), "known": ridge(**own)}
        for kind, (mean, variance, accuracy) in of_generator.items():
            row = {"setting": name, "generator": kind, **limits, "exact": ridge(**own, generator=kind)}
            measured = {"mean": mean, "variance": variance, "accuracy": accuracy}
            rows.append(row | {name: Estimate(*each) for name, each in measured.items()})
    return rows


def gaps(rows: Sequence[Mapping], formula: str, quantity: str, generator: str) -> list[Estimate]:
    """How far a formula is from the fits, one gap a setting: absolute for the "accuracy", relative for "mean" and "variance".

    ``formula``: "printed", "coded", "known" or "exact"; ``rows``: of :func:`compared`.
    Checked by tests/experiments/random_matrices/test_printed_theorem.py.
    """
    found = []
    for row in (row for row in rows if row["generator"] == generator):
        limit, measured = getattr(row[formula], quantity), row[quantity]
        absolute = Estimate(abs(limit - measured.value), measured.standard_error)
        found.append(absolute if quantity == "accuracy" else relative_gap(limit, measured))
    return found


def measured(rows: Sequence[Mapping]) -> dict[str, dict[str, Estimate]]:
    """What the claims on the theorem "as printed", "corrected", as "coded", and with an "estimated mean" test.

    Checked by tests/experiments/random_matrices/test_printed_theorem.py.
    """
    variance = {name: max(gaps(rows, name, "variance", "known_mean")) for name in ("printed", "exact")}
    mean, accuracy = (
        {name: average(gaps(rows, name, quantity, "known_mean")) for name in ("printed", "coded", "exact")}
        for quantity in ("mean", "accuracy")
    )
    return {
        "as printed": {"mean": mean["printed"], "variance": variance["printed"], "accuracy": accuracy["printed"]},
        "coded": {"accuracy": accuracy["coded"], "accuracy, corrected": accuracy["exact"]},
        "corrected": {
            "variance as printed": variance["printed"],
            "mean": mean["exact"],
            "variance": variance["exact"],
            "accuracy": accuracy["exact"],
        },
        "estimated mean": {
            "as if the mean were known": average(gaps(rows, "known", "accuracy", "shared")),
            "shared": average(gaps(rows, "exact", "accuracy", "shared")),
            "independent": average(gaps(rows, "exact", "accuracy", "independent")),
        },
    }
