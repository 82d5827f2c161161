"""A reader's own labels: from true labels, generated ones and what was kept to p, phi, psi and the theorem's verdict.

:mod:`lib.label_table` reads them from a file.
"""

from collections import namedtuple

from scipy.stats import binomtest

from lib.theory import checks

Interval = namedtuple("Interval", ("value", "low", "high", "of"))
Audit = namedtuple("Audit", ("p", "phi", "psi", "wrong_among_kept", "verdict"))


def interval(hits: int, of: int, confidence: float = 0.95) -> Interval:
    """A share of a count with its exact (Clopper-Pearson) confidence interval; None in [0, 1] when there is nothing to count.

    Raises ValueError unless 0 <= hits <= of < 2^53 and 0 < confidence < 1.
    Checked by tests/test_label_audit.py::test_coverage.
    """
    of = checks.integer("of", of, 0, 2**53)
    hits = checks.integer("hits", hits, 0, 2**53)
    if hits > of:
        raise ValueError(f"of = {of} are fewer than hits = {hits}; allowed: hits are at most of")
    confidence = checks.real("confidence", confidence, 0.0, 1.0, open_low=True, open_high=True)
    if of == 0:
        return Interval(None, 0.0, 1.0, 0)
    exact = binomtest(hits, of).proportion_ci(confidence, method="exact")
    return Interval(hits / of, float(exact.low), float(exact.high), of)


def estimate(label: list[str], generated: list[str], kept: list[bool], confidence: float = 0.95) -> Audit:
    """p, phi and psi with confidence intervals, the share of wrong labels among the kept, and the theorem's verdict.

    The label error is below the breakdown point if and only if fewer than half of the kept labels are wrong (Theorem 3.2:
    p < p_star means (1-p) phi > p psi). So the verdict rests on that one share: "below" or "above" when its interval
    excludes one half, else "undecided", or "nothing kept". Raises ValueError if the columns differ in length or have no rows, or
    if ``kept`` holds anything but True and False.
    Checked by tests/test_label_audit.py.
    """
    columns = {"label": label, "generated": generated, "kept": kept}
    label, generated, kept = (checks.listed(name, column, "a list, a value a row") for name, column in columns.items())
    if not len(label) == len(generated) == len(kept):
        raise ValueError(
            f"label, generated and kept have {len(label)}, {len(generated)} and {len(kept)} rows; allowed: as many in each"
        )
    if not label:
        raise ValueError("label = [] has no rows; allowed: at least one")
    for name, column in (("label", label), ("generated", generated)):
        for k, each in enumerate(column):
            if not isinstance(each, str):
                raise ValueError(f"{name}[{k}] = {checks.shown(each)} is not a text; allowed: the name of a class")
    for k, each in enumerate(kept):
        if not isinstance(each, bool):
            raise ValueError(f"kept[{k}] = {checks.shown(each)} is not one of True, False")
    right = [a == b for a, b in zip(label, generated, strict=True)]
    kept_right = sum(r and k for r, k in zip(right, kept, strict=True))
    kept_wrong = sum(kept) - kept_right
    wrong = interval(kept_wrong, kept_right + kept_wrong, confidence)
    number_right = sum(right)
    return Audit(
        interval(len(right) - number_right, len(right), confidence),
        interval(kept_right, number_right, confidence),
        interval(kept_wrong, len(right) - number_right, confidence),
        wrong,
        _side(wrong),
    )


def _side(wrong: Interval) -> str:
    """On which side of one half the interval of the wrong among the kept lies, in words."""
    if wrong.of == 0:
        return "nothing kept"
    if wrong.high < 0.5:
        return "below"
    return "above" if wrong.low > 0.5 else "undecided"
