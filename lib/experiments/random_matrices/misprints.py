"""Notebooks random-matrices/01 to 03: misprints of the paper read literally, and what each would do.

``psi`` is the rho of the paper. Source: "Maximizing the Potential of Synthetic Data", Figure 1, Sections 4.1 and 4.2, Appendix D.
"""

import math
from collections.abc import Mapping, Sequence

from lib.statistics import Estimate, average
from lib.theory.gaussian import cdf
from lib.theory.random_matrices.closed_form import ridge_closed_form
from lib.theory.random_matrices.ridge import ridge
from lib.theory.random_matrices.synthetic_only import synthetic_only

FEATURES = 10  # p of the low-dimensional limit
ROWS = 10**8  # real rows there; as many synthetic ones
RATES = {"gamma": 1.0, "epsilon": 0.2, "psi": 0.2, "phi": 0.9}
FIGURE_3 = {"p": 500, "n": 1000, "m": 4000, "n_hat": 1000, "gamma": 1.0, "epsilon": 0.27, "psi": 0.0, "phi": 1.0}


def low_dimension() -> dict[str, float]:
    """The mean of the decision for p/N near 0: "exact"; with ``b = pi + alpha (1 - pi)`` "printed"; with gamma added "corrected".

    In that limit all deltas vanish, ``a = pi + alpha (1 - pi)`` and ``c = pi + lambda (1 - pi)``; ``|mu|`` = 1.
    Checked by tests/experiments/random_matrices/test_misprints.py.
    """
    limit = ridge(p=FEATURES, n=ROWS, m=ROWS, n_hat=ROWS, mu_norm=1.0, **RATES)
    right, wrong = RATES["phi"] * (1 - RATES["epsilon"]), RATES["psi"] * RATES["epsilon"]
    a, c = 0.5 + 0.5 * (right + wrong), 0.5 + 0.5 * (right - wrong)
    return {"exact": limit.mean, "printed": c / (a + a), "corrected": c / (RATES["gamma"] + a + a)}


def accuracy_at_length(mu_norm: float) -> float:
    """Accuracy of the corrected theorem in the largest dimension of Figure 3, 80 % synthetic rows, an oracle.

    Checked by tests/experiments/random_matrices/test_misprints.py.
    """
    return ridge_closed_form(**FIGURE_3, mu_norm=mu_norm).accuracy


def gaps_of_spread(rows: Sequence[Mapping]) -> dict[str, Estimate]:
    """Mean absolute gap of the accuracy to the fits: nu a standard deviation ("as printed"), a second moment ("corrected").

    The decision has mean m; its spread is nu in the first reading, ``sqrt(nu - m^2)`` in the second; both with exact nu and m.
    ``rows``: of :func:`lib.experiments.random_matrices.printed_theorem.compared`; a known mean.
    Checked by tests/experiments/random_matrices/test_misprints.py.
    """
    found: dict[str, list[Estimate]] = {name: [] for name in ("as printed", "corrected")}
    for row in (row for row in rows if row["generator"] == "known_mean"):
        limit, measured = row["exact"], row["accuracy"]
        nu = limit.variance + limit.mean**2
        for name, spread in (("as printed", nu), ("corrected", math.sqrt(limit.variance))):
            found[name].append(Estimate(abs(cdf(limit.mean / spread) - measured.value), measured.standard_error))
    return {name: average(each) for name, each in found.items()}


def gap_of_delta(noises: Sequence[float], *, p: int, m: int, **setting: float) -> float:
    """Largest change of ``1 - h`` of Corollary 4.3, relative, when its delta without index is read as delta_r, not as delta_s.

    ``1 - h = alpha eta / (alpha + gamma (1 + delta))^2``. ``setting``: mu_norm, gamma, psi and phi. delta_r comes from the
    solver of Theorem 4.2 with n = 0, delta_s from the corollary's quadratic equation.
    Checked by tests/experiments/random_matrices/test_misprints.py.
    """
    gaps = []
    for noise in noises:
        own = setting | {"p": p, "m": m, "epsilon": noise}
        alpha = own["phi"] * (1 - noise) + own["psi"] * noise
        deltas = (ridge(n=0, n_hat=math.inf, **own).delta_r, synthetic_only(**own).delta_s)
        one, other = (alpha * p / m / (alpha + own["gamma"] * (1 + delta)) ** 2 for delta in deltas)
        gaps.append(abs(one / other - 1))
    return max(gaps)
