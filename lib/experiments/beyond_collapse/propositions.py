"""Notebook beyond-collapse/01: Propositions E.1 to E.4 on exact data and in random settings.

Each setting must obey, so exceptions are counted.
Source: "Beyond Model Collapse", Appendix E.
"""

from collections.abc import Sequence

import torch
from scipy.optimize import brentq

from lib import seeds
from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.statistics import Count, exceptions
from lib.theory.beyond_collapse.breakdown import breakdown_bounds
from lib.theory.beyond_collapse.fixed_point import fixed_point
from lib.theory.logistic import sigmoid, tolerated_wrong_labels

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
    """Whether a setting obeys E.3 (b = -a) or E.4 (b = 0): the printed border, and the corrected one.

    Of E.4 the pairs are put right here, A and B with class 1: :func:`other_pairs` tests them as they are printed.
    Checked by tests/experiments/beyond_collapse/test_propositions.py::test_obeys.
    """
    n00, n01, n10, n11 = counts
    bars = [gamma * v for v in fixed_point(*counts, a, 0.0 if b_is_zero else -a, gamma)[:4]]
    right = [bars[0] < 0.5, bars[1] > 0.5, bars[2] > 0.5, bars[3] < 0.5]  # A, B, C, D
    if not b_is_zero:
        wrong_labels, right_labels = n10 + n01, n11 + n00
        corrected = all(right) == (wrong_labels < tolerated_wrong_labels(right_labels, a, gamma))
        return all(right) == (wrong_labels < right_labels), corrected
    one, zero = right[0] and right[1], right[2] and right[3]
    printed = one == (n10 < n11) and zero == (n01 < n00)
    tolerated = [tolerated_wrong_labels(each, a, gamma) for each in (n11, n00)]
    return printed, one == (n10 < tolerated[0]) and zero == (n01 < tolerated[1])


def disobeying(seed: int, settings: int) -> dict[str, dict[str, Count]]:
    """Random settings, gamma from 0.01 to a million, that do not obey "E.3" and "E.4": border "printed", and "corrected".

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


def other_pairs(seed: int, settings: int) -> dict[str, Count]:
    """Random settings with b = 0 that do not obey E.4 with its pairs as "printed" and as "corrected", A and B with class 1.

    Borders play no part: in each class one kind of label outnumbers the other by at least half, and gamma is a million.
    Checked by tests/experiments/beyond_collapse/test_propositions.py::test_other_pairs.
    """
    rng, failed = seeds.rng(seed, NOTEBOOK, "pairs"), {"printed": [], "corrected": []}
    for _ in range(settings):
        few, many = rng.integers(100, 200, 2), rng.integers(300, 600, 2)
        (n00, n01), (n11, n10) = [(m, f) if rng.random() < 0.5 else (f, m) for f, m in zip(few, many, strict=True)]
        A, B, C, D, _ = fixed_point(int(n00), int(n01), int(n10), int(n11), rng.uniform(0.2, 0.9), 0.0, 1e6)
        a_right, b_right, c_right, d_right = A < 5e-7, B > 5e-7, C > 5e-7, D < 5e-7
        one, zero = n10 < n11, n01 < n00
        failed["printed"].append(bool((b_right and c_right) != one or (a_right and d_right) != zero))
        failed["corrected"].append(bool((a_right and b_right) != one or (c_right and d_right) != zero))
    return {name: exceptions(column) for name, column in failed.items()}


def dropped_terms(sizes: Sequence[int], p: float, a: float, ridge: float) -> list[tuple[float, float, float]]:
    """What eq. 42 keeps, what it drops, and by how many wrong labels that moves the border, for each number of examples N.

    Nothing is pruned, a share p of the N labels is wrong, b = -a, gamma = N ridge. Kept: the score ``u = a (right A - wrong B)``
    that the mean direction gives; dropped: ``(1-a) A``, an example's own share of its score. The border is that of
    ``lib.theory.logistic.tolerated_wrong_labels``; the paper prints ``right``.
    Source: Appendix E.3. Checked by tests/experiments/beyond_collapse/test_propositions.py::test_dropped_terms.
    """
    rows = []
    for n in sizes:
        right, wrong = n * (1 - p), n * p
        found = fixed_point(right / 2, wrong / 2, wrong / 2, right / 2, a, -a, n * ridge)
        kept = a * (right * found.A - wrong * found.B)
        rows.append((kept, (1 - a) * found.A, right - tolerated_wrong_labels(right, a, n * ridge)))
    return rows


def second_line_of_eq_43(seed: int, settings: int) -> dict[str, float]:
    """Largest distance between both sides of the line for D in eq. 43, where eq. 42 holds, as "printed" and "corrected".

    Printed: ``-b (N10 + N10) B``; corrected: ``-b (N11 + N10) B``. Solutions of eq. 42 at b = -a come from eq. 44, a scalar one.
    Checked by tests/experiments/beyond_collapse/test_propositions.py::test_second_line_of_eq_43.
    """
    rng, gaps = seeds.rng(seed, NOTEBOOK, "eq. 43"), {"printed": 0.0, "corrected": 0.0}
    for gamma in 10 ** rng.uniform(0, 3, settings):
        n00, n01, n10, n11 = (int(c) for c in rng.integers(1, 200, 4))
        a, total = rng.uniform(0.05, 0.95), n00 + n01 + n10 + n11
        B = brentq(lambda v, a=a, m=n11 + n00, t=total, g=gamma: v - sigmoid(a * (m - t * v) / g), 0.0, 1.0, xtol=1e-14)
        D, b = 1 - B, -a
        for name, twice in (("printed", n10 + n10), ("corrected", n11 + n10)):
            line = sigmoid((b * n11 + a * n01 - b * twice * B - a * (n01 + n00) * D) / gamma)
            gaps[name] = max(gaps[name], abs(D - line))
    return gaps


def last_inequality(seed: int, settings: int, n: int = 100_000) -> dict[str, Count]:
    """Random verifiers and slacks t, label errors well below p_minus(t), for which the inequality of E.5 does not hold on counts.

    "printed": ``(1-t)/(1+t) <= wrong / right`` among the kept of n drawn examples; "corrected": ``>=``, that of Proposition E.5.
    Checked by tests/experiments/beyond_collapse/test_propositions.py::test_last_inequality.
    """
    rng, failed = seeds.rng(seed, NOTEBOOK, "last inequality"), {"printed": [], "corrected": []}
    for _ in range(settings):
        (phi, psi), t = rng.uniform(0.1, 1, 2), rng.uniform(0.05, 0.9)
        p = rng.uniform(0.1, 0.8) * breakdown_bounds(phi, psi, t).p_minus
        right, wrong = rng.multinomial(n, [(1 - p) * phi, p * psi, 1 - (1 - p) * phi - p * psi])[:2]
        failed["printed"].append(bool((1 - t) / (1 + t) > wrong / right))
        failed["corrected"].append(bool((1 - t) / (1 + t) < wrong / right))
    return {name: exceptions(column) for name, column in failed.items()}
