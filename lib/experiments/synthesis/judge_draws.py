"""Does the judge keep what it says? Tables drawn from known shares, and judged; and the example table of the page.

Checked by tests/experiments/synthesis/test_judge_draws.py.
"""

import math

import numpy as np

from lib import seeds
from lib.statistics import Estimate, mean_and_error, share
from lib.theory import checks, judge
from lib.theory.beyond_collapse.breakdown import breakdown_point

NOTEBOOK = "synthesis/02"
QUANTITIES = ("p", "phi", "psi", "p_star", "margin")
EXAMPLE_ROWS = 600


def coverage(seed: int, tables: int, rows: int, confidence: float) -> dict[str, Estimate]:
    """How often the intervals of p, phi, psi, p* and the margin hold the truth: shares by name.

    ``tables`` tables, each of 20 to ``rows`` rows, with p uniform in [0.05, 0.6] and phi, psi in [0.05, 0.95]. Whole numbers:
    tables in [1, 1e7], rows in [20, 1e6]; confidence in (0, 1). Raises ValueError outside.
    Checked by tests/experiments/synthesis/test_judge_draws.py::test_coverage_of_a_narrow_interval.
    """
    tables, rows = checks.integer("tables", tables, 1, 10**7), checks.integer("rows", rows, 20, 10**6)
    rng, inside = seeds.rng(seed, NOTEBOOK, "coverage"), dict.fromkeys(QUANTITIES, 0)
    for _ in range(tables):
        p, phi, psi = rng.uniform(0.05, 0.6), *rng.uniform(0.05, 0.95, size=2)
        border = breakdown_point(float(phi), float(psi))
        truth = dict(zip(QUANTITIES, (p, phi, psi, border, border - p), strict=True))
        found = judge.audit(*_counts(rng, int(rng.integers(20, rows + 1)), p, phi, psi), confidence)
        for name in QUANTITIES:
            each = getattr(found, name)
            inside[name] += each.low <= truth[name] <= each.high
    return {name: share(hits, tables) for name, hits in inside.items()}


def false_verdicts(seed: int, tables: int, kept: int, confidence: float) -> dict[str, Estimate]:
    """How often "below" is said of tables at the border itself, where it is false, and how often a verdict is false anywhere.

    "at the border": half of all labels would be wrong among the kept, 10 to ``kept`` of them; "anywhere": that share is uniform.
    Ranges as for :func:`coverage`, kept in [10, 1e6].
    Checked by tests/experiments/synthesis/test_judge_draws.py::test_false_verdicts_are_exact_sums.
    """
    tables, kept = checks.integer("tables", tables, 1, 10**7), checks.integer("kept", kept, 10, 10**6)
    rng, found = seeds.rng(seed, NOTEBOOK, "verdicts"), {"at the border": 0, "anywhere": 0}
    for _ in range(tables):
        size = int(rng.integers(10, kept + 1))
        found["at the border"] += _said(rng, size, 0.5, confidence) == judge.BELOW
        wrong = rng.random()
        found["anywhere"] += _said(rng, size, wrong, confidence) == (judge.BELOW if wrong > 0.5 else judge.ABOVE)
    return {name: share(hits, tables) for name, hits in found.items()}


def calibration(seed: int, tables: int, kept: int) -> dict[str, Estimate | None]:
    """What the chance that p < p* misses by: mean of (p < p*) less the chance, where it is "low" (up to 1/2) and "high".

    The share of wrong labels is uniform, as the chance supposes; tables with a chance in [0.02, 0.98] count. None with fewer than
    two. Ranges as for :func:`false_verdicts`. Checked by tests/experiments/synthesis/test_judge_draws.py::test_calibration.
    """
    tables, kept = checks.integer("tables", tables, 1, 10**7), checks.integer("kept", kept, 10, 10**6)
    rng = seeds.rng(seed, NOTEBOOK, "chance")
    missed: dict[str, list[float]] = {"low": [], "high": []}
    for _ in range(tables):
        size, wrong = int(rng.integers(10, kept + 1)), rng.random()
        hits = int(rng.binomial(size, wrong))
        chance = judge.audit(size - hits, 0, hits, 0).probability_below
        if 0.02 <= chance <= 0.98:
            missed["low" if chance <= 0.5 else "high"].append((wrong < 0.5) - chance)
    return {name: mean_and_error(np.array(draws)) if len(draws) > 1 else None for name, draws in missed.items()}


def example_text(seed: int) -> str:
    """The example file as text: 600 rows with the columns label, generated, kept and score, from a seed.

    A generator errs on 28 % of the rows; a verifier scores right labels higher by one and a half standard deviations, and keeps a
    row from 0.5 on. Raises ValueError for a seed that is none.
    Checked by tests/experiments/synthesis/test_judge_draws.py::test_the_committed_example.
    """
    rng = seeds.rng(seed, NOTEBOOK, "example")
    label, wrong = rng.integers(0, 2, size=EXAMPLE_ROWS), rng.random(EXAMPLE_ROWS) < 0.28
    noise = rng.normal(size=EXAMPLE_ROWS)
    lines = ["label,generated,kept,score"]
    for true, slip, each in zip(label.tolist(), wrong.tolist(), noise.tolist(), strict=True):
        score = 1 / (1 + math.exp(-each - (-0.6 if slip else 0.9)))
        words = ("good", "bad")[true], ("good", "bad")[true != slip]
        lines.append(f"{words[0]},{words[1]},{'yes' if score >= 0.5 else 'no'},{score:.3f}")
    return "\n".join(lines) + "\n"


def _counts(rng: np.random.Generator, rows: int, p: float, phi: float, psi: float) -> tuple[int, int, int, int]:
    wrong = int(rng.binomial(rows, p))
    right_kept, wrong_kept = int(rng.binomial(rows - wrong, phi)), int(rng.binomial(wrong, psi))
    return right_kept, rows - wrong - right_kept, wrong_kept, wrong - wrong_kept


def _said(rng: np.random.Generator, kept: int, wrong: float, confidence: float) -> str:
    hits = int(rng.binomial(kept, wrong))
    return judge.side(judge.interval(hits, kept, confidence))
