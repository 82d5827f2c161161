"""The law of Marchenko and Pastur: eigenvalues of a sample covariance of standard Gaussian rows.

Section 3.1 of the paper, Figure 1. Checked by tests/theory/random_matrices/test_marchenko_pastur.py.
"""

import math
from collections import namedtuple

from lib.theory.checks import real

Edges = namedtuple("Edges", ("low", "high"))


def marchenko_pastur_edges(ratio: float) -> Edges:
    """Ends of the bulk, ``(1 -+ sqrt(ratio))^2``, ratio = p / n_hat in (0, 1e300]; Edges(low, high).

    Checked by tests/theory/random_matrices/test_marchenko_pastur.py::test_marchenko_pastur.
    """
    ratio = _checked(ratio)
    root = math.sqrt(ratio)
    return Edges(((1.0 - ratio) / (1.0 + root)) ** 2, (1.0 + root) ** 2)  # 1 - ratio is exact near 1, 1 - root is not


def marchenko_pastur_density(t: float, ratio: float) -> float:
    """Density at eigenvalue t of a sample covariance of n_hat standard Gaussian rows in dimension p.

    ratio = p/n_hat in (0, 1e300].

    ``sqrt((high - t) (t - low)) / (2 pi ratio t)`` between the edges, 0 elsewhere and on them. For ratio > 1 it has mass
    1/ratio; :func:`marchenko_pastur_atom` has the rest. t real. Section 3.1 of the paper, Figure 1.
    Checked by tests/theory/random_matrices/test_marchenko_pastur.py::test_marchenko_pastur.
    """
    t, ratio = real("t", t, -math.inf, math.inf), _checked(ratio)
    if t <= 0.0 or t == math.inf:
        return 0.0
    # (high - t) (t - low) from the distance to the middle of the bulk, exact also where the bulk is narrow
    half, u = 2.0 * math.sqrt(ratio), t - ratio - 1.0 if ratio > 1.0 else t - 1.0 - ratio
    above, below = half - u, half + u
    if t < 0.5 * max(1.0, ratio):  # there the middle is far, and the lower edge may be as small as t
        below = t - marchenko_pastur_edges(ratio).low
    if above <= 0.0 or below <= 0.0:
        return 0.0
    return math.sqrt(above) * math.sqrt(below) / (2.0 * math.pi * ratio) / t


def marchenko_pastur_atom(ratio: float) -> float:
    """Share of eigenvalues that are 0: ``1 - 1/ratio`` for ratio = p/n_hat above 1, else 0; ratio in (0, 1e300].

    Checked by tests/theory/random_matrices/test_marchenko_pastur.py::test_marchenko_pastur.
    """
    ratio = _checked(ratio)
    return max(0.0, ratio - 1.0) / ratio


def _checked(ratio):
    return real("ratio", ratio, 0.0, 1e300, open_low=True)
