"""Notebook beyond-collapse/01: Propositions E.1 to E.4 on exact data and in random settings.

Each setting must obey, so exceptions are counted.
Source: "Beyond Model Collapse", Appendix E.
"""

import torch

from lib import seeds
from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.statistics import Count, exceptions
from lib.theory.beyond_collapse.fixed_point import fixed_point
from lib.theory.logistic import tolerated_wrong_labels

NOTEBOOK = "beyond-collapse/01"
Counts = tuple[int, int, int, int]  # n00, n01, n10, n11: kept examples by class and generated label


def exact_data(counts: Counts, a: float, b: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features (n, n) float64 with exactly the Gram matrix of Condition D.1, true and generated labels (n,), -1 or +1.

    Rows of one class have inner product a, of two classes b, length 1.
    Checked by tests/experiments/beyond_collapse/test_propositions.py::test_exact_data.
    """
    n00, n01, n10, n11 = counts
    y = torch.tensor([-1.0] * (n00 + n01) + [1.0] * (n10 + n11), dtype=torch.float64)
    labels = torch.tensor([-1.0] * n00 + [1.0] * n01 + [-1.0] * n10 + [1.0] * n11, dtype=torch.float64)
    same = (y[:, None] == y[None, :]).double()
    gram = a * same + b * (1 - same) + (1 - a) * torch.eye(len(y), dtype=torch.float64)
    values, vectors = torch.linalg.eigh(gram)
    return vectors * values.clamp(min=0).sqrt(), y, labels


def fixed_points_against_fits(seed: int, settings: int) -> dict[str, float | Count]:
    """Random settings: "gap", the largest relative difference between the coefficients of eq. 31 and those of a fit;
    "other accuracy", settings in which the accuracy of Proposition E.2 is not that of the fit.

    Checked by tests/experiments/beyond_collapse/test_propositions.py::test_fixed_points_against_fits.
    """
    rng, gap, differ = seeds.rng(seed, NOTEBOOK, "fixed points"), 0.0, []
    for _ in range(settings):
        counts = tuple(int(c) for c in rng.integers(1, 15, 4))
        a, gamma = rng.uniform(0.05, 0.95), 10 ** rng.uniform(-1, 2)
        b = -a if rng.random() < 0.5 else 0.0
        x, y, labels = exact_data(counts, a, b)
        weights = fit_logistic_ridge(x[None], labels[None], gamma / len(y))[0]
        scores = x @ weights
        alpha = ((labels + 1) / 2 - torch.sigmoid(scores)) / gamma
        solved = fixed_point(*counts, a, b, gamma)
        repeats = torch.tensor(counts)
        expected = torch.tensor([-solved.D, solved.C, -solved.B, solved.A], dtype=torch.float64).repeat_interleave(
            repeats
        )
        gap = max(gap, float((alpha - expected).abs().max() / expected.abs().max()))
        accuracy = float(((scores > 0) == (y > 0)).double().mean())
        differ.append(abs(accuracy - solved.accuracy) >= 1e-9)
    return {"gap": gap, "other accuracy": exceptions(differ)}


def obeys(counts: Counts, a: float, gamma: float, b_is_zero: bool) -> tuple[bool, bool]:
    """Whether a setting obeys E.3 (b = -a) or E.4 (b = 0): as printed, and as corrected.

    Checked by tests/experiments/beyond_collapse/test_propositions.py::test_obeys.
    """
    n00, n01, n10, n11 = counts
    bars = [gamma * v for v in fixed_point(*counts, a, 0.0 if b_is_zero else -a, gamma)[:4]]
    right = [bars[0] < 0.5, bars[1] > 0.5, bars[2] > 0.5, bars[3] < 0.5]  # A, B, C, D
    if not b_is_zero:
        wrong_labels, right_labels = n10 + n01, n11 + n00
        corrected = all(right) == (wrong_labels < tolerated_wrong_labels(right_labels, a, gamma))
        return all(right) == (wrong_labels < right_labels), corrected
    printed = (right[2] and right[1]) == (n10 < n11) and (right[3] and right[0]) == (n01 < n00)
    one, zero = n10 < tolerated_wrong_labels(n11, a, gamma), n01 < tolerated_wrong_labels(n00, a, gamma)
    return printed, (right[0] and right[1]) == one and (right[2] and right[3]) == zero


def disobeying(seed: int, settings: int) -> dict[str, dict[str, Count]]:
    """Random settings, gamma from 0.01 to a million, that do not obey "E.3" and "E.4": as "printed", as "corrected".

    Checked by tests/experiments/beyond_collapse/test_propositions.py::test_disobeying.
    """
    found = {}
    for name, b_is_zero in (("E.3", False), ("E.4", True)):
        rng, rows = seeds.rng(seed, NOTEBOOK, "equivalence", name), []
        for gamma in 10 ** rng.uniform(-2, 6, settings):
            counts = tuple(int(c) for c in rng.integers(1, 200, 4))
            rows.append(obeys(counts, rng.uniform(0.05, 0.95), gamma, b_is_zero))
        columns = zip(("printed", "corrected"), zip(*rows, strict=True), strict=True)
        found[name] = {version: exceptions([not obeyed for obeyed in column]) for version, column in columns}
    return found
