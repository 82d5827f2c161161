"""Notebook random-matrices/05, the reader's language models: which trainings there are, and what the table shows of them.

``found`` is what a record holds as "language": "sizes" m, rising from 0; for each seed "judges", the test accuracies of
"labeller" and "verifier", and "shares", what :func:`lib.experiments.random_matrices.language_safety.shares` returns; "students",
by verifier, for each size and each seed what ``retrained`` returns there. Source: El Firdoussi et al., Figure 9.
"""

import math
from collections.abc import Mapping, Sequence

from lib.experiments.random_matrices.safety_answers import RATIOS, VERIFIERS
from lib.statistics import mean_and_error
from lib.theory import checks

ROLES = ("labeller", "verifier")
SHARES = ("epsilon", "phi", "psi")


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
