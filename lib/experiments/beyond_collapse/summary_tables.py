"""Notebook beyond-collapse/05, tables: gains and their errors over seeds, triplets, and what p* says of the order of curves.

``found`` is what a record holds: "rates", rising; "test_share"; "lines", for each seed what
:func:`lib.experiments.beyond_collapse.summaries.lines` returns; "curves", by labels and by selection, for each rate and each seed
what ``retrained`` returns there.
Source: Feng et al., Section 5.3 and Figure 4.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from lib.experiments.beyond_collapse.eigenvalue_tables import order
from lib.experiments.beyond_collapse.summaries import LABELS, SELECTIONS
from lib.statistics import Estimate, mean_and_error
from lib.theory import checks

Found = Mapping[str, object]


def of_seeds(draws: Sequence[float], test_share: float) -> Estimate:
    """Mean over J seeds and its standard error, corrected for seeds that split the same articles.

    The variance of the mean is that of a draw times ``1/J + t/(1 - t)``, t the share of test articles: without the second term
    more seeds would seem to give ever more articles. Raises ValueError for fewer than two draws, and a share outside (0, 1).
    Source: Nadeau and Bengio, "Inference for the Generalization Error", 2003, Section 3.
    Checked by tests/experiments/beyond_collapse/test_summary_tables.py, against draws from a population without end.
    """
    share = checks.real("test_share", test_share, 0.0, 1.0, open_low=True, open_high=True)
    draws = [checks.finite("draws", each) for each in checks.listed("draws", draws, "at least two numbers")]
    if len(draws) < 2:
        raise ValueError(f"draws = {draws} has {len(draws)} of seeds; allowed: at least two numbers")
    return mean_and_error(draws, within=float(np.var(draws, ddof=1)) * share / (1 - share))


def line(found: Found, name: str) -> np.ndarray:
    """Test Rouge-1 (J,) of one of the lines, a number a seed; or "agree" or "right"."""
    return np.array([each[name] for each in found["lines"]])


def curve(found: Found, selection: str, labels: str = "generated", field: str = "rouge") -> np.ndarray:
    """What a selection taught, (rates, J): Rouge-1, or another field of the parts; nan where there was nothing to count."""
    rows = found["curves"][labels][selection]
    return np.array([[np.nan if each[field] is None else each[field] for each in row] for row in rows])


def average(found: Found, draws: np.ndarray) -> Estimate | None:
    """:func:`of_seeds` of draws (J,), or (rates, J) whose rates are averaged first; None where one is not finite.

    Checked by tests/experiments/beyond_collapse/test_summary_tables.py.
    """
    by_seed = np.atleast_2d(draws).mean(0)
    return of_seeds(by_seed.tolist(), found["test_share"]) if np.isfinite(by_seed).all() else None


def least(found: Found, gains: Sequence[np.ndarray]) -> Estimate:
    """The estimate of the smallest mean among rows (J,) or (rates, J) of gains, each rate for itself.

    Checked by tests/experiments/beyond_collapse/test_summary_tables.py.
    """
    rows = [row for each in gains for row in np.atleast_2d(each)]
    return average(found, min(rows, key=lambda row: row.mean()))


def orders(found: Found) -> np.ndarray:
    """Spearman's rank correlation (rates, J) of p* and Rouge-1 over the four selections; nan where a p* is not defined.

    Checked by tests/experiments/beyond_collapse/test_summary_tables.py.
    """
    return _order(_by_selection(found, "p_star"), _by_selection(found, "rouge"))


def orders_of_means(found: Found) -> list[float | None]:
    """The rank correlation of :func:`orders` between means over seeds, one a rate; None where it is not defined.

    Means have less noise than single seeds, which pulls a rank correlation towards 0; but four of them have 24 orders only.
    Checked by tests/experiments/beyond_collapse/test_summary_tables.py.
    """
    found_orders = _order(_by_selection(found, "p_star").mean(1), _by_selection(found, "rouge").mean(1))
    return [None if np.isnan(each) else float(each) for each in found_orders]


def _by_selection(found: Found, field: str) -> np.ndarray:
    """A field of what each selection taught, (rates, J, selections)."""
    return np.stack([curve(found, name, field=field) for name in SELECTIONS], axis=2)


def _order(passed: np.ndarray, taught: np.ndarray) -> np.ndarray:
    """Rank correlation along the last axis; nan where it holds a nan."""
    found = [
        np.nan if np.isnan(ones).any() else order(ones, others)
        for ones, others in zip(passed.reshape(-1, len(SELECTIONS)), taught.reshape(-1, len(SELECTIONS)), strict=True)
    ]
    return np.reshape(found, passed.shape[:-1])


def ratio(found: Found, selection: str) -> np.ndarray:
    """psi/phi (rates, J) of a selection, inf or nan without a right one: the smaller, the better it tells right from wrong."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return curve(found, selection, field="psi") / curve(found, selection, field="phi")


def ratio_apart(found: Found) -> np.ndarray:
    """psi/phi (rates, J) of the weak verifier less that of self-selection; nan where one of them kept nothing right.

    Checked by tests/experiments/beyond_collapse/test_summary_tables.py.
    """
    weak, own = (np.where(np.isinf(each), np.nan, each) for each in (ratio(found, "weak"), ratio(found, "self")))
    return weak - own


def measured(found: Found) -> dict[str, dict[str, Estimate | None]]:
    """Every test of the notebook's claims, by claim without its chapter.

    Checked by tests/experiments/beyond_collapse/test_summary_tables.py.
    """
    generator, taught = line(found, "generator"), {name: curve(found, name) for name in SELECTIONS}
    control = {name: curve(found, name, "original") for name in SELECTIONS}
    oracle, weak, own, chance = (taught[name] for name in SELECTIONS)
    return {
        "figure-4-random-collapse": {"loss": average(found, generator - chance[0])},
        "figure-4-random-more-data": {
            "rise": average(found, chance[-1] - chance[0]),
            "gap left": average(found, generator - chance[-1]),
        },
        "figure-4-oracle-best": {"least advantage": least(found, [oracle - weak, oracle - own, oracle - chance])},
        "figure-4-oracle-above-generator": {"least advantage": least(found, [oracle - generator])},
        "figure-4-oracle-above-originals": {"advantage": average(found, oracle[0] - line(found, "originals"))},
        "figure-4-self-above-generator": {"advantage": average(found, own - generator)},
        "figure-4-better-verifier": {
            "against random": average(found, weak - chance),
            "self-selection's advantage": average(found, own - weak),
        },
        "section-5.3-verifier-ratio": {"difference": average(found, ratio_apart(found))},
        "section-5.3-order": {"rank correlation": average(found, orders(found))},
        "section-5.3-easy-to-learn": {"advantage": average(found, control["self"] - control["random"])},
        "summaries-oracle-articles": {"advantage": average(found, control["oracle"] - control["random"])},
        "summaries-wrong-answers": {"loss": average(found, control["random"] - chance)},
    }


def rows(found: Found) -> list[dict[str, object]]:
    """What the figure draws, a row each: labels, selection, share kept, Rouge-1 and its standard error.

    First the lines, with labels "line" and no share kept. Checked by tests/experiments/beyond_collapse/test_summary_tables.py.
    """
    names = [name for name in found["lines"][0] if name not in ("agree", "right")]
    dots = [("line", name, None, line(found, name)) for name in names]
    dots += [
        (labels, name, share, curve(found, name, labels)[k])
        for labels in LABELS
        for name in SELECTIONS
        for k, share in enumerate(found["rates"])
    ]
    shown = []
    for labels, name, share, draws in dots:
        value, error = average(found, draws)
        row = {"labels": labels, "selection": name, "share kept": share}
        shown.append(row | {"Rouge-1": value, "standard error": error})
    return shown
