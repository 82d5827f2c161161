"""A selection by stored scores: what it keeps of right and of wrong answers, at any rate and any quality of the verifier.

Stored are, for verifiers of ``qualities`` in rising order and at ``rates`` in rising order, the share of the right answers that a
selection keeps, and the share p of wrong answers. Between two of them shares are read along straight lines; a rate of 0 keeps
nothing, one of 1 everything; beyond the ends of the qualities the share stays.
"""

from lib.theory import checks
from lib.theory.beyond_collapse.breakdown import breakdown_point


def kept_right(rate: float, quality: float, p: float, qualities: list, rates: list, curves: list) -> float:
    """phi, the share that a selection keeps of the right answers.

    Args: rate in (0, 1], of the answers; quality and p in [0, 1]; qualities in [0, 1] and rates in (0, 1], both in rising order;
    curves, for each quality as many shares in [0, 1] as there are rates. Raises ValueError outside these.
    Checked by tests/theory/beyond_collapse/test_stored_scores.py.
    """
    rate, quality = checks.real("rate", rate, 0.0, 1.0, open_low=True), checks.probability("quality", quality)
    checks.probability("p", p)
    qualities, rates = _rising("qualities", qualities, False), _rising("rates", rates, True)
    rows = checks.listed("curves", curves, "a list of shares for each quality")
    if len(rows) != len(qualities):
        raise ValueError(f"curves and qualities are {len(rows)} and {len(qualities)}; allowed: as many, at least one")
    shares = [_at(f"curves[{k}]", row, rate, rates) for k, row in enumerate(rows)]
    return _between(quality, qualities, shares)


def kept_wrong(rate: float, quality: float, p: float, qualities: list, rates: list, curves: list) -> float:
    """psi, the share that it keeps of the wrong ones: ``(rate - (1 - p) phi) / p``, in [0, 1]; 0 if none is wrong.

    Arguments, errors and check as for :func:`kept_right`.
    """
    phi = kept_right(rate, quality, p, qualities, rates, curves)
    rate, p = float(rate), float(p)
    return min(1.0, max(0.0, rate - (1 - p) * phi) / p) if p > 0 else 0.0


def wrong_kept(rate: float, quality: float, p: float, qualities: list, rates: list, curves: list) -> float:
    """The share of wrong ones among the answers that are kept: ``p psi / (p psi + (1 - p) phi)``, Bayes' rule.

    Raises ArithmeticError where nothing is kept. Else as for :func:`kept_right`.
    """
    phi, psi = _both(rate, quality, p, qualities, rates, curves)
    wrong, right = float(p) * psi, (1 - float(p)) * phi
    if wrong + right == 0:
        raise ArithmeticError(
            "a selection that keeps no answer has no share of wrong ones: there is nothing to learn from"
        )
    return wrong / (wrong + right)


def passed_error(rate: float, quality: float, p: float, qualities: list, rates: list, curves: list) -> float:
    """p*, the label error that Theorem 3.2 lets pass: :func:`lib.theory.beyond_collapse.breakdown.breakdown_point` of these.

    Raises ArithmeticError where nothing is kept. Else as for :func:`kept_right`.
    """
    phi, psi = _both(rate, quality, p, qualities, rates, curves)
    if phi == 0 and psi == 0:
        raise ArithmeticError("a selection that keeps no answer has no breakdown point: there is nothing to learn from")
    return breakdown_point(phi, psi)


def _both(rate, quality, p, qualities, rates, curves):
    setting = (rate, quality, p, qualities, rates, curves)
    return kept_right(*setting), kept_wrong(*setting)


def _rising(name, values, open_low):
    values = checks.listed(name, values, "numbers in rising order, at least one")
    values = [checks.real(f"{name}[{k}]", each, 0.0, 1.0, open_low=open_low) for k, each in enumerate(values)]
    if not values or sorted(set(values)) != values:
        raise ValueError(f"{name} are not in rising order, or none; allowed: each above the one before, at least one")
    return values


def _at(name, row, rate, rates):
    row = checks.listed(name, row, "shares")
    row = [checks.probability(f"{name}[{k}]", each) for k, each in enumerate(row)]
    if len(row) != len(rates):
        raise ValueError(f"{name} and rates have {len(row)} and {len(rates)} numbers; allowed: as many")
    ends = rates[-1] < 1
    return _between(rate, [0.0] + rates + [1.0] * ends, [0.0] + row + [1.0] * ends)


def _between(x, places, values):
    """The value at x on the line through the points, or that of the nearer end."""
    if x <= places[0]:
        return values[0]
    for k in range(1, len(places)):
        if x <= places[k]:
            along = (x - places[k - 1]) / (places[k] - places[k - 1])
            return values[k - 1] + (values[k] - values[k - 1]) * along
    return values[-1]
