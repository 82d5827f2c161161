"""What the accuracies of notebook random-matrices/05 say, what the published points of Figures 8 and 9 show, and the claims.

``found`` is the list, one of each draw, of :func:`lib.experiments.random_matrices.safety_answers.accuracies`; ``published`` is
the content of data/published/random-matrices.json.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from lib.datasets.source import Source
from lib.experiments.random_matrices.safety_answers import VERIFIERS, moments, split
from lib.statistics import Estimate, mean_and_error, means_and_errors

FIGURES = {  # name in the published numbers: colour: verifier as the paper calls it
    "fig8_eps0.1": {"green": "strong", "red": "weak"},
    "fig8_eps0.5": {"green": "strong", "red": "weak"},
    "fig9_llama": {"green": "oracle", "red": "weak"},
    "fig9_gemma": {"green": "oracle", "red": "weak"},
}
KINDS = ("labelled", "at random", "generated")
THEORIES = {"labelled": "theory", "at random": "theory", "generated": "theory of generated"}
TESTED = 2800  # answers that Figure 9 tests on


def published_points(published: Mapping, figure: str, colour: str) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic rows a human row m/n, and per cent, (K,) each, of a published curve; its axis is m/(n + m).

    Checked by tests/experiments/random_matrices/test_safety_findings.py.
    """
    share, value = np.array(published[figure]["markers"][colour]).T
    share = share.clip(min=0)
    return share / (1 - share), value


def published_gain(published: Mapping, figure: str, colour: str) -> Estimate:
    """Last point less first, in points of a per cent, with an error from the points' spread about a parabola in m/n.

    The figures draw no spread; this one is of K - 3 degrees of freedom, two or three, and holds what a parabola cannot follow
    too. Checked by tests/experiments/random_matrices/test_safety_findings.py.
    """
    ratio, value = published_points(published, figure, colour)
    rest = value - np.polyval(np.polyfit(ratio, value, 2), ratio)
    spread = float(np.sqrt((rest**2).sum() / (len(value) - 3)))
    return Estimate(float(value[-1] - value[0]), spread * 2**0.5)


def binomial_error(per_cent: float, tested: int = TESTED) -> float:
    """Standard error of a share of ``tested`` answers, in points. Checked by
    tests/experiments/random_matrices/test_safety_findings.py."""
    return 100 * (per_cent / 100 * (1 - per_cent / 100) / tested) ** 0.5


def curves(found: Sequence[Mapping]) -> list[dict]:
    """A row a kind of rows, verifier and size: m/n, accuracy and theory, their standard errors, and "gap", measured less theory.

    The gap's error is that of the differences draw by draw. Checked by
    tests/experiments/random_matrices/test_safety_findings.py.
    """
    rows = []
    for kind in KINDS:
        for verifier in VERIFIERS:
            measured = np.array([draw[kind][verifier] for draw in found])
            theory = np.array([draw[THEORIES[kind]][verifier] for draw in found])
            (mean, error), (line, _), (gap, gap_error) = map(means_and_errors, (measured, theory, measured - theory))
            for k, m in enumerate(found[0]["sizes"]):
                row = {"rows": kind, "verifier": verifier, "m": m, "accuracy": mean[k], "standard error": error[k]}
                row |= {"theory": line[k], "gap": gap[k], "gap's standard error": gap_error[k]}
                rows.append({name: float(v) if isinstance(v, np.floating) else v for name, v in row.items()})
    return rows


def gain(found: Sequence[Mapping], kind: str, verifier: str) -> Estimate:
    """Accuracy with the most rows of a kind less that without any, over draws; ``kind`` may be "theory" too.

    Checked by tests/experiments/random_matrices/test_safety_findings.py.
    """
    return _mean([draw[kind][verifier][-1] - draw[kind][verifier][0] for draw in found])


def verifier_worth(found: Sequence[Mapping]) -> dict[str, Estimate]:
    """What each verifier adds to all of the labeller's labels: accuracy with the most rows less that without a verifier, by draw.

    Checked by tests/experiments/random_matrices/test_safety_findings.py.
    """
    ends = {v: np.array([draw["labelled"][v][-1] for draw in found]) for v in VERIFIERS}
    return {v: _mean(ends[v] - ends["none"]) for v in VERIFIERS if v != "none"}


def gain_less_theory(found: Sequence[Mapping], kind: str, verifier: str) -> Estimate:
    """The gain less that of the theory, draw by draw. Checked by tests/experiments/random_matrices/test_safety_findings.py."""
    pairs = [(draw[kind][verifier], draw[THEORIES[kind]][verifier]) for draw in found]
    return _mean([own[-1] - own[0] - line[-1] + line[0] for own, line in pairs])


def shares(found: Sequence[Mapping]) -> dict[str, dict[str, Estimate]]:
    """epsilon, phi and psi of each verifier over draws. Checked by tests/experiments/random_matrices/test_safety_findings.py."""
    return {
        verifier: {
            name: _mean([draw["measured"][verifier][name] for draw in found]) for name in ("epsilon", "phi", "psi")
        }
        for verifier in VERIFIERS
    }


def spectrum(seed: int, source: Source, design: Mapping) -> dict[str, list[float]]:
    """Part: eigenvalues of the covariance of a draw's rows that are not tested, and the squared coordinates of their mean, as
    :func:`lib.experiments.random_matrices.safety_answers.moments` has both.

    For :func:`lib.theory.random_matrices.given_spectrum.ridge_on_spectrum`, to six digits. Checked by
    tests/experiments/random_matrices/test_safety_findings.py.
    """
    mean, covariance = moments(torch.cat(split(source, design, seed=seed)[:4]), design["gamma"])
    values, vectors = np.linalg.eigh(covariance.numpy())
    powers = (vectors.T @ mean.numpy()) ** 2
    return {
        "values": [float(f"{v:.6g}") for v in values.clip(0)],
        "powers": [float(f"{v:.6g}") for v in powers],
    }


def claims_on_published(published: Mapping) -> dict[str, dict[str, Estimate]]:
    """Tests of what the published points show. Checked by tests/experiments/random_matrices/test_safety_findings.py."""
    eight = {
        f"{verifier}, {epsilon}": published_gain(published, f"fig8_eps{epsilon}", colour)
        for epsilon in (0.1, 0.5)
        for colour, verifier in FIGURES["fig8_eps0.1"].items()
    }
    nine = {
        f"{verifier}, {model}": published_gain(published, f"fig9_{model}", colour)
        for model in ("llama", "gemma")
        for colour, verifier in FIGURES["fig9_llama"].items()
    }
    return {"random-matrices/figure-8-points": eight, "random-matrices/figure-9-points": nine}


def claims_on_text(found: Sequence[Mapping]) -> dict[str, dict[str, Estimate]]:
    """Tests of the book's own rows. Checked by tests/experiments/random_matrices/test_safety_findings.py."""
    level = _mean([draw["labelled"]["none"][0] - draw["theory"]["none"][0] for draw in found])
    return {
        "random-matrices/figure-9-small": {
            "oracle rises": gain(found, "labelled", "oracle"),
            "weak falls": gain(found, "labelled", "weak"),
        },
        "random-matrices/theory-on-text": {
            "level": level,
            **{f"at random, {v}": gain_less_theory(found, "at random", v) for v in ("oracle", "none")},
            **{f"labelled, {v}": gain_less_theory(found, "labelled", v) for v in ("oracle", "none")},
        },
        "random-matrices/own-verifier": {"above none": verifier_worth(found)["own"]},
    }


def _mean(draws) -> Estimate:
    return mean_and_error(torch.tensor(np.asarray(draws, dtype=float)))
