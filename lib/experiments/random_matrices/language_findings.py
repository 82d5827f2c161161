"""Notebook random-matrices/05, the reader's language models: which trainings there are, and what the table shows of them.

``found`` is what a record holds as "language": "sizes" m, rising from 0; for each seed "judges", the test accuracies of
"labeller" and "verifier", and "shares", what :func:`lib.experiments.random_matrices.language_safety.shares` returns; "students",
by verifier, for each size and each seed what ``retrained`` returns there. Source: El Firdoussi et al., Figure 9.

Of Figure 8, ``found`` is what a record holds as "preferences": "points", those of :func:`trainings`, and "judged", for each seed
what :func:`lib.experiments.random_matrices.language_preferences.judged` returns for them.
"""

import math
from collections.abc import Mapping, Sequence

from lib.experiments.random_matrices import language_preferences
from lib.experiments.random_matrices.safety_answers import RATIOS, VERIFIERS
from lib.statistics import Estimate, average, difference, mean_and_error, share
from lib.theory import checks

ROLES = ("labeller", "verifier")
SHARES = ("epsilon", "phi", "psi")
CURVES = [(v, epsilon) for epsilon in language_preferences.EPSILONS for v in language_preferences.VERIFIERS]
FEWEST_PAIRS = 1 + language_preferences.PAPER["synthetic"] // language_preferences.PAPER["human"]


def sizes(real: int, pool: int) -> list[int]:
    """Rows m of the pool that students learn from, rising: those of RATIOS that the pool has, and the pool.

    Raises ValueError for numbers outside [1, 10^9]. Checked by tests/experiments/random_matrices/test_language_findings.py.
    """
    real, pool = checks.integer("real", real, 1, 10**9), checks.integer("pool", pool, 1, 10**9)
    return sorted({round(ratio * real) for ratio in RATIOS if ratio * real <= pool} | {pool})


def students(real: int, pool: int) -> list[tuple[str, int]]:
    """Verifier and size of each training; without a row of the pool, m = 0, there is one for all verifiers, that of "none".

    Checked by tests/experiments/random_matrices/test_language_findings.py.
    """
    return [("none", 0), *((name, m) for name in VERIFIERS for m in sizes(real, pool) if m)]


def scored(draws: Sequence[float]) -> dict[str, float | None]:
    """ "accuracy", a mean over seeds, and "standard error", None for a single seed.

    Checked by tests/experiments/random_matrices/test_language_findings.py.
    """
    value, error = mean_and_error(draws)
    return {"accuracy": value, "standard error": error if len(draws) > 1 else None}


def rows(found: Mapping[str, object]) -> list[dict[str, object]]:
    """A row a judge, with no m, and a row a verifier and size: accuracy with its error, rows kept, and means of SHARES.

    Checked by tests/experiments/random_matrices/test_language_findings.py.
    """
    nothing = dict.fromkeys(("m", "kept", *SHARES))
    shown = [{"model": name, **scored([each[name] for each in found["judges"]]), **nothing} for name in ROLES]
    for name in VERIFIERS:
        by_seed = [each[name] for each in found["shares"]]
        counted = {field: math.fsum(each[field] for each in by_seed) / len(by_seed) for field in SHARES}
        for m, draws in zip(found["sizes"], found["students"][name], strict=True):
            kept = math.fsum(each["kept"] for each in draws) / len(draws)
            accuracy = scored([each["accuracy"] for each in draws])
            shown.append({"model": name, **accuracy, "m": m, "kept": kept, **counted})
    return shown


def scaled(pairs: int) -> dict[str, int]:
    """ "human" n and "synthetic", the largest m: the paper's, or as many as there are pairs for, in the paper's ratio of 1 to 7.

    Raises ValueError for fewer than FEWEST_PAIRS. Checked by tests/experiments/random_matrices/test_language_findings.py.
    """
    if checks.integer("pairs", pairs, 0, 10**9) < FEWEST_PAIRS:
        raise ValueError(
            f"pairs = {pairs} of a safe and an unsafe answer to one question; allowed: at least {FEWEST_PAIRS}, so more "
            "answers, or fewer for the judge and the test"
        )
    human = min(language_preferences.PAPER["human"], pairs // FEWEST_PAIRS)
    return {"human": human, "synthetic": (FEWEST_PAIRS - 1) * human}


def trainings(human: int) -> list[dict[str, float]]:
    """What is asked of :func:`lib.experiments.random_matrices.language_preferences.answered` for each point of Figure 8.

    First m = 0, one training for all curves; then the other m of each of CURVES, rising. Raises ValueError for a number outside
    [1, 10^9]. Checked by tests/experiments/random_matrices/test_language_findings.py.
    """
    human = checks.integer("human", human, 1, 10**9)
    sizes = [round(ratio * human) for ratio in language_preferences.RATIOS[1:]]
    curves = [{"epsilon": epsilon, **language_preferences.VERIFIERS[verifier]} for verifier, epsilon in CURVES]
    nothing = {"m": 0, "epsilon": 0.0, "phi": 1.0, "psi": 1.0}
    return [nothing, *({"m": m, **curve} for curve in curves for m in sizes)]


def safe_curves(found: Mapping[str, object]) -> dict[tuple[str, float], list[dict[str, float]]]:
    """For each of CURVES a row an m, from 0: the share of "safe" answers, and its "standard error".

    It is the larger of two: that of the mean over seeds, which few seeds with few answers may leave at 0, and the binomial error
    of so many answers, which says nothing of another training and is the only one of a single seed. Checked by
    tests/experiments/random_matrices/test_language_findings.py.
    """
    every = [_mean(draws) for draws in _shares(found)]
    sizes = [point["m"] for point in found["points"]]
    return {
        curve: [{"m": sizes[k], "safe": every[k].value, "standard error": every[k].standard_error} for k in places]
        for curve, places in _places(found).items()
    }


def safe_gains(found: Mapping[str, object]) -> dict[tuple[str, float], Estimate]:
    """For each of CURVES the share of safe answers at the largest m less that at 0, draw by draw, with an error as there.

    Checked by tests/experiments/random_matrices/test_language_findings.py.
    """
    every, gains = _shares(found), {}
    for curve, (first, *_, last) in _places(found).items():
        gains[curve] = _mean([difference(*both) for both in zip(every[last], every[first], strict=True)])
    return gains


def _mean(draws: Sequence[Estimate]) -> Estimate:
    """Mean over seeds with the larger error: of the draws, or of the answers in each."""
    value, between = mean_and_error([each.value for each in draws])
    return Estimate(value, max(between, average(draws).standard_error))


def _places(found: Mapping[str, object]) -> dict[tuple[str, float], list[int]]:
    """Places of each curve's points, the common one first."""
    steps = (len(found["points"]) - 1) // len(CURVES)
    return {curve: [0, *range(1 + k * steps, 1 + (k + 1) * steps)] for k, curve in enumerate(CURVES)}


def _shares(found: Mapping[str, object]) -> list[list[Estimate]]:
    """Shares of safe answers, a list over seeds for each point, with binomial errors."""
    counts = [(draw["safe"], draw["answers"]) for draw in found["judged"]]
    return [[share(round(safe[k] * n), n) for safe, n in counts] for k in range(len(found["points"]))]
