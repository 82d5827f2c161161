"""How often one of k answers is right, from how many of n drawn answers are."""

from lib.theory import checks

LARGEST = 10**6


def covered(n: int, right: int, k: int) -> float:
    """Chance that a right answer is among k of n, drawn without replacement, when ``right`` of the n are.

    1 - C(n - right, k) / C(n, k), the unbiased estimator of 1 - (1 - q)^k where each answer is right with probability q
    (Chen et al., "Evaluating large language models trained on code", 2021, eq. 1).
    Args: n in [1, 10^6]; right in [0, n]; k in [1, n]. Raises ValueError outside these. Checked by
    tests/theory/beyond_collapse/test_coverage.py, against exact binomials and by enumeration.
    """
    n = checks.integer("n", n, 1, LARGEST)
    right = checks.integer("right", right, 0, LARGEST)
    k = checks.integer("k", k, 1, LARGEST)
    for name, value in (("right", right), ("k", k)):
        if value > n:
            raise ValueError(f"{name} = {value} is outside [0, n], n = {n}")
    missed = 1.0
    for wrong in range(n - right - k + 1, n - right + 1):  # C(n - right, k) / C(n, k), factor by factor
        missed *= max(0, wrong) / (wrong + right)
    return 1 - missed
