"""A reader's own labels: from true labels, generated ones and what was kept to p, phi, psi and the theorem's verdict.

:mod:`lib.label_table` reads them from a file.
"""

from collections import namedtuple

from scipy.stats import binomtest

Interval = namedtuple("Interval", ("value", "low", "high", "of"))
Audit = namedtuple("Audit", ("p", "phi", "psi", "wrong_among_kept", "verdict"))


def interval(hits: int, of: int, confidence: float = 0.95) -> Interval:
    """A share of a count with its exact (Clopper-Pearson) confidence interval; nan in [0, 1] when there is nothing to count.

    Checked by tests/test_label_audit.py::test_coverage.
    """
    if of == 0:
        return Interval(float("nan"), 0.0, 1.0, 0)
    exact = binomtest(hits, of).proportion_ci(confidence, method="exact")
    return Interval(hits / of, float(exact.low), float(exact.high), of)


def estimate(label: list[str], generated: list[str], kept: list[bool], confidence: float = 0.95) -> Audit:
    """p, phi and psi with confidence intervals, the share of wrong labels among the kept, and the theorem's verdict.

    The label error is below the breakdown point if and only if fewer than half of the kept labels are wrong (Theorem 3.2:
    p < p_star means (1-p) phi > p psi). So the verdict rests on that one share: "below" or "above" when its interval
    excludes one half, else "undecided". Raises ValueError if the columns differ in length or nothing is kept.
    Checked by tests/test_label_audit.py.
    """
    if not len(label) == len(generated) == len(kept):
        raise ValueError(f"columns have {len(label)}, {len(generated)}, {len(kept)} rows; allowed: as many in each")
    right = [a == b for a, b in zip(label, generated, strict=True)]
    kept_right = sum(r and k for r, k in zip(right, kept, strict=True))
    kept_wrong = sum(kept) - kept_right
    if kept_right + kept_wrong == 0:
        raise ValueError("kept rows = 0 is outside [1, inf): nothing to learn from")
    wrong = interval(kept_wrong, kept_right + kept_wrong, confidence)
    verdict = "below" if wrong.high < 0.5 else "above" if wrong.low > 0.5 else "undecided"
    number_right = sum(right)
    return Audit(
        interval(len(right) - number_right, len(right), confidence),
        interval(kept_right, number_right, confidence),
        interval(kept_wrong, len(right) - number_right, confidence),
        wrong,
        verdict,
    )
