"""The law of Marchenko and Pastur: eigenvalues of a sample covariance of standard Gaussian rows.

Section 3.1 of the paper, Figure 1. Checked by tests/theory/random_matrices/test_marchenko_pastur.py.
"""

import math
from collections import namedtuple

from lib.theory.checks import positive, real

Edges = namedtuple("Edges", ("low", "high"))


def marchenko_pastur_edges(ratio: float) -> Edges:
    """Ends of the bulk, ``(1 -+ sqrt(ratio))^2``, ratio = p / n_hat > 0; Edges(low, high).

    Checked by tests/theory/random_matrices/test_marchenko_pastur.py::test_marchenko_pastur.
    """
    root = math.sqrt(positive("ratio", ratio))
    return Edges((1.0 - root) ** 2, (1.0 + root) ** 2)


def marchenko_pastur_density(t: float, ratio: float) -> float:
    """Density at eigenvalue t of a sample covariance of n_hat standard Gaussian rows in dimension p, ratio = p/n_hat > 0.

    ``sqrt((high - t) (t - low)) / (2 pi ratio t)`` between the edges, 0 elsewhere and on them. For ratio > 1 it has mass
    1/ratio; :func:`marchenko_pastur_atom` has the rest. t real. Section 3.1 of the paper, Figure 1.
    Checked by tests/theory/random_matrices/test_marchenko_pastur.py::test_marchenko_pastur.
    """
    t = real("t", t, -math.inf, math.inf)
    low, high = marchenko_pastur_edges(ratio)
    return math.sqrt((high - t) * (t - low)) / (2.0 * math.pi * ratio * t) if low < t < high else 0.0


def marchenko_pastur_atom(ratio: float) -> float:
    """Share of eigenvalues that are 0: ``1 - 1/ratio`` for ratio = p/n_hat above 1, else 0.

    Checked by tests/theory/random_matrices/test_marchenko_pastur.py::test_marchenko_pastur.
    """
    return max(0.0, 1.0 - 1.0 / positive("ratio", ratio))
