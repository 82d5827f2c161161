"""What the accuracies of Figure 6 say: levels and gains, the part of each leak, the gap to theory, the measured claims.

``found`` is the value "figure 6" of a record: its "accuracy" holds, for each table, a list (draw, PROTOCOLS, VERIFIERS, M) of
:mod:`lib.experiments.random_matrices.real_features`; "theory", "gaussian", "finite", "readings" and "sizes" are its other parts.
``published`` is the content of data/published/random-matrices.json.
"""

from collections.abc import Mapping

import numpy as np

from lib.experiments.random_matrices.real_features import LEAKS, PROTOCOLS, RATIOS, READINGS, VERIFIERS
from lib.statistics import Estimate, mean_and_error, means_and_errors, part_of

ENDS = {"as published": 0, "without leaks": len(PROTOCOLS) - 1}  # rows of PROTOCOLS
LATE = [k for k, m_over_n in enumerate(RATIOS) if m_over_n >= 0.5]
ONE_OFF = {"mean": (False, True, True), "scaler": (True, False, True), "test": (True, True, False)}


def protocol_names() -> list[str]:
    """PROTOCOLS in words, such as "mean and test leak". Checked by tests/experiments/random_matrices/test_leaks.py."""
    leaking = [[leak for leak, on in zip(LEAKS, p, strict=True) if on] for p in PROTOCOLS]
    names = [" and ".join(leaks) + (" leaks" if len(leaks) == 1 else " leak") for leaks in leaking]
    return ["as published", *names[1:-1], "none leaks"]


def published_curve(published: Mapping, table: str, verifier: str) -> list | None:
    """The published (share of synthetic rows, accuracy) at the paper's eight sizes; None for a table of one's own.

    Checked by tests/experiments/random_matrices/test_leaks.py.
    """
    found = published.get(f"fig6_{table}")  # a ninth marker is the legend's
    return None if found is None else found["lines"]["green" if verifier == "oracle" else "red"][0][: len(RATIOS)]


def curves(found: Mapping, n_real: int, published: Mapping) -> list[dict]:
    """Figure 6, a row a table, verifier, protocol of ENDS and size: share synthetic, accuracy, its error, theory, published dot.

    "published" is None without leaks and for tables that the paper does not have.
    Checked by tests/experiments/random_matrices/test_leaks.py.
    """
    rows = []
    for table, of_draws in found["accuracy"].items():
        mean, error = means_and_errors(of_draws)
        for v, verifier in enumerate(VERIFIERS):
            curve = published_curve(published, table, verifier)
            for k, (protocol, at) in enumerate(ENDS.items()):
                for size, m in enumerate(found["sizes"]):
                    rows.append(
                        {
                            "table": table,
                            "protocol": protocol,
                            "verifier": verifier,
                            "share synthetic": m / (m + n_real),
                            "accuracy": float(mean[at, v, size]),
                            "standard error": float(error[at, v, size]),
                            "theory": found["theory"][table][k][v][size],
                            "published": curve[size][1] if curve and k == 0 else None,
                        }
                    )
    return rows


def level_and_gain(of_draws: list, verifier: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Level and gain (draw, PROTOCOLS) of a verifier: accuracy with the fewest synthetic rows, and what the most add to it.

    Checked by tests/experiments/random_matrices/test_leaks.py.
    """
    of_verifier = np.array(of_draws)[:, :, verifier]
    return of_verifier[..., 0], of_verifier[..., -1] - of_verifier[..., 0]


def attribution(found: Mapping) -> list[dict]:
    """Level and gain of the oracle's curve, a row a table and protocol, each with its standard error over draws.

    Checked by tests/experiments/random_matrices/test_leaks.py.
    """
    rows = []
    for table, of_draws in found["accuracy"].items():
        (level, level_error), (gain, gain_error) = map(means_and_errors, level_and_gain(of_draws))
        for k, name in enumerate(protocol_names()):
            rows.append(
                {
                    "table": table,
                    "protocol": name,
                    "level": float(level[k]),
                    "level's standard error": float(level_error[k]),
                    "gain": float(gain[k]),
                    "gain's standard error": float(gain_error[k]),
                }
            )
    return rows


def main_effects(of_draws: list) -> dict[str, tuple[Estimate, Estimate]]:
    """Level and gain that each leak adds, averaged over the states of the other two, with standard errors over draws.

    Checked by tests/experiments/random_matrices/test_leaks.py.
    """
    signs = np.where(np.array(PROTOCOLS), 1, -1).T / 4  # (leak, protocol): mean with less mean without
    level, gain = level_and_gain(of_draws)
    return {
        leak: (mean_and_error(level @ sign), mean_and_error(gain @ sign))
        for leak, sign in zip(LEAKS, signs, strict=True)
    }


def distances_of_readings(found: Mapping, published: Mapping) -> dict[str, dict[str, tuple[float, float]]]:
    """How far the mean accuracies of each reading, for each table, stay from the published dots: root mean square, and largest.

    Checked by tests/experiments/random_matrices/test_leaks.py.
    """
    distances = {reading: {} for reading in READINGS}
    for table, means in found["readings"].items():
        dots = np.array([[point[1] for point in published_curve(published, table, v)] for v in VERIFIERS])
        for reading, mean in zip(READINGS, np.array(means), strict=True):
            distances[reading][table] = float(np.sqrt(((mean - dots) ** 2).mean())), float(np.abs(mean - dots).max())
    return distances


def gaps_to_theory(found: Mapping) -> list[dict]:
    """Measured accuracy less theory, a row a table and protocol of ENDS: the mean over verifiers and sizes, and the largest.

    For fresh Gaussian rows, for which the theory is made, "fresh", "largest" and "error", the largest standard error; for a
    Gaussian table with the moments of the real one, "finite" and "finite largest"; for real rows, "real" and "real largest".
    Checked by tests/experiments/random_matrices/test_leaks.py.
    """
    rows = []
    for table, of_draws in found["accuracy"].items():
        for k, (protocol, at) in enumerate(ENDS.items()):
            line = np.array(found["theory"][table][k])
            fresh, error = np.array(found["gaussian"][table])[:, k]
            finite, real = (np.array(d)[:, at].mean(0) - line for d in (found["finite"][table], of_draws))
            rows.append(
                {
                    "table": table,
                    "protocol": protocol,
                    "fresh": float((fresh - line).mean()),
                    "largest": float(np.abs(fresh - line).max()),
                    "error": float(error.max()),
                    "finite": float(finite.mean()),
                    "finite largest": float(np.abs(finite).max()),
                    "real": float(real.mean()),
                    "real largest": float(np.abs(real).max()),
                }
            )
    return rows


def measured(
    found: Mapping, on_paper_tables: Mapping | None, published: Mapping
) -> dict[str, dict[str, Estimate | None]]:
    """What the claims "as published" and "without leaks" test, each the smallest over the tables of ``found``.

    ``on_paper_tables``: a run on the paper's tables, if there is one; then "curves" is its largest distance from a published dot.
    Ratios of gains have the error of the delta method (:func:`lib.statistics.ratio`); None where a table has no gain at all.
    Checked by tests/experiments/random_matrices/test_leaks.py.
    """
    gains, over_none = [], []
    shares = {name: [] for name in ("any", *LEAKS)}
    for of_draws in found["accuracy"].values():
        gain = level_and_gain(of_draws)[1]  # (draw, protocol)
        gains.append(mean_and_error(gain[:, 0]))
        for name in shares:
            at = PROTOCOLS.index(ONE_OFF.get(name, (False, False, False)))
            shares[name].append(part_of(gain[:, at], gain[:, 0]))
        late = np.array(of_draws)[:, ENDS["without leaks"]][:, :, LATE]  # (draw, verifier, size)
        over_none.append(mean_and_error((late[:, 0] - late[:, 1]).mean(-1)))
    smallest = {name: None if None in of_tables else min(of_tables) for name, of_tables in shares.items()}
    as_published = {"gain": min(gains)}
    if on_paper_tables and (dots := _distances_from_dots(on_paper_tables, published)):
        as_published["curves"] = max(dots)
    return {
        "as published": as_published,
        "without leaks": {
            "gain without any leak": smallest["any"],
            "gain without the mean's leak": smallest["mean"],
            "gain without the test leak": smallest["test"],
            "gain without the scaler's leak": smallest["scaler"],
            "oracle against none": min(over_none),
        },
    }


def _distances_from_dots(found: Mapping, published: Mapping) -> list[Estimate]:
    """Distances of the mean accuracies, as published, from the published dots, over tables, verifiers and sizes."""
    distances = []
    for table, of_draws in found["accuracy"].items():
        mean, error = means_and_errors(of_draws)
        for v, verifier in enumerate(VERIFIERS):
            for k, point in enumerate(published_curve(published, table, verifier) or []):
                distances.append(Estimate(float(abs(mean[0, v, k] - point[1])), float(error[0, v, k])))
    return distances
