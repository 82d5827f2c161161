"""Notebook random-matrices/01: quadratic forms and traces of a drawn resolvent, beside what Lemmas A.4 to A.6 put in their place.

Q is the resolvent of eq. 6, of real rows and of kept synthetic ones from a generator that knows the mean. The lemmas are read
through the symbols of Theorem 4.2, into which they enter; ``psi`` is the rho of the paper.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch

from lib import seeds
from lib.experiments.random_matrices.spectra import NOTEBOOK, inverse
from lib.models.linear.ridge_mix import fit_generator, synthetic_sums
from lib.statistics import Estimate, average, mean_and_error, relative_gap
from lib.theory.random_matrices.closed_form import ridge_as_printed, ridge_closed_form

MU_NORM = 1.0
BETAS = {"printed": ridge_as_printed, "corrected": ridge_closed_form}


class Forms(NamedTuple):
    """Of a resolvent: ``mu Q mu``, ``tr Q / N``, ``tr Q^2 / N`` and ``tr(Q^2 C_hat) / N``."""

    signal: float
    trace: float
    square: float
    square_generator: float


def drawn(
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
    """Part: the four numbers of :class:`Forms` of one drawn model. Checked by
    tests/experiments/random_matrices/test_lemmas.py.
    """
    names = (p, n, m, n_hat, gamma, epsilon, psi, phi, draw)
    random, total = seeds.generator(seed, NOTEBOOK, "lemmas", *names), n + m
    mu = torch.full((p,), MU_NORM / math.sqrt(p), dtype=torch.float64)
    real = mu + torch.randn(n, p, generator=random).double()
    mean, root = fit_generator(torch.randn(1, n_hat, p, generator=random).double() + mu, mean=mu)
    synthetic = synthetic_sums(mean, root, m, epsilon, psi, phi, random=random)[0][0]
    q = inverse((real.mT @ real + synthetic) / total + gamma * torch.eye(p, dtype=torch.float64))
    half = q @ root[0]
    return [
        float(mu @ q @ mu),
        float(q.trace()) / total,
        float((q * q).sum()) / total,
        float((half * half).sum()) / total,
    ]


def in_theory(formula: str, **setting: float) -> Forms:
    """What "printed" or "corrected" symbols say of the four numbers.

    ``mu Q mu -> |mu|^2 / (b + a |mu|^2)``, ``tr Q / N -> eta / b``; ``tr Q^2 / N`` and ``tr(Q^2 C_hat) / N`` are the traces
    T1 and T2 of the second moment, without their weights ``pi / (1 + delta_r)^2`` and ``alpha (1 - pi) / (1 + delta_s)^2``.
    ``setting``: p, n above 0, m above 0, n_hat, gamma, epsilon, psi, phi. Source: Theorem 4.2, Lemmas A.4 and A.5, Corollary A.6.
    Checked by tests/experiments/random_matrices/test_lemmas.py.
    """
    limit = BETAS[formula](**setting, mu_norm=MU_NORM)
    total = setting["n"] + setting["m"]
    eta, pi, hat = setting["p"] / total, setting["n"] / total, setting["p"] / setting["n_hat"]
    kept = (setting["phi"] * (1 - setting["epsilon"]) + setting["psi"] * setting["epsilon"]) * (1 - pi)
    own, kappa, damping = pi / (1 + limit.delta_r), kept / (1 + limit.delta_s), 1 / (1 + limit.delta_g)
    b, a = setting["gamma"] + own + kappa * damping, own + kappa
    h2 = 1 - (kappa * damping / b) ** 2 * hat
    a1 = own / (1 + limit.delta_r) * eta / (h2 * b * b)
    b1 = kappa / (1 + limit.delta_s) * eta * damping**2 / (h2 * b * b)
    a2, b2 = a1 * damping**2, b1 * (damping**2 + (h2 * hat if formula == "corrected" else 0))
    h1 = (1 - b2) * (1 - a1) - a2 * b1
    square = (a1 * (1 - b2) + a2 * b1) / h1 * (1 + limit.delta_r) ** 2 / pi
    return Forms(MU_NORM**2 / (b + a * MU_NORM**2), eta / b, square, b1 / h1 * (1 + limit.delta_s) ** 2 / kept)


def compared(draws: Mapping[str, Sequence[Sequence[float]]], settings: Mapping[str, Mapping]) -> list[dict]:
    """A row for each setting and number: "setting", "form", the Estimate "drawn", and both formulas.

    ``draws``: by setting, (draw, 4). Checked by tests/experiments/random_matrices/test_lemmas.py.
    """
    rows = []
    for name, values in draws.items():
        limits = {formula: in_theory(formula, **settings[name]) for formula in BETAS}
        for place, form in enumerate(Forms._fields):
            row = {"setting": name, "form": form, "drawn": mean_and_error(np.array(values)[:, place])}
            rows.append(row | {formula: limit[place] for formula, limit in limits.items()})
    return rows


def measured(rows: Sequence[Mapping]) -> dict[str, Estimate]:
    """What the claim on the lemmas tests: mean relative gap over settings, of ``mu Q mu`` and of ``tr(Q^2 C_hat) / N``.

    Checked by tests/experiments/random_matrices/test_lemmas.py.
    """
    of = {"Q": "signal", "Q C Q": "square_generator"}
    return {
        f"{words}, {formula}": average(
            [relative_gap(row[formula], row["drawn"]) for row in rows if row["form"] == form]
        )
        for formula in BETAS
        for words, form in of.items()
    }
