"""Numeric parts of notebook reverse-bottleneck/03: the scene of Section 4.4 on an alphabet, where KL gap and GGMI are both exact.

Between points of the plane and a mixture fitted to them the information has no finite value, so GGMI has none in the paper's
own scene. Here every Gaussian component shrinks to a symbol. Anchors are m draws from the first K symbols, synthetic data n draws
from all K + J + L, and a model is the shares of the symbols with 1/2 added to every count. The model is a function of the counts
and they of it, so that I(S; W) is the entropy of the counts. Nothing is simulated: both are sums over binomial laws.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy import special, stats

from lib import seeds
from lib.experiments.reverse_bottleneck.generalization import STREAM
from lib.experiments.reverse_bottleneck.trials import numbers
from lib.theory import checks

ADDED = 0.5  # to every count, so that no symbol gets the probability 0
ELSEWHERE = 0.01  # of the truth's weight lies on the foreign symbols: a mixture has some density everywhere


def entropy(law: Sequence[float] | np.ndarray) -> float:
    """``-sum p ln p`` in nats of probabilities (k,); a p of 0 adds 0. Raises ValueError for what is no law.

    Checked by tests/experiments/reverse_bottleneck/test_alphabets.py.
    """
    return float(special.entr(_law("law", law)).sum())


def count_entropy(law: Sequence[float] | np.ndarray, n: int) -> float:
    """Entropy in nats of the counts of n independent draws from a law (k,), n at least 1.

    ``n H(law) - ln n! + sum_z E ln N_z!``, with N_z binomial: a multinomial probability is n! prod p^N / N!. Raises ValueError
    for what is no law, and outside the range. Checked by tests/experiments/reverse_bottleneck/test_alphabets.py, by enumeration.
    """
    law, n = _law("law", law), checks.integer("n", n, 1, 10**6)
    counts = np.arange(n + 1)
    factorials = (stats.binom.pmf(counts, n, law[:, None]) * special.gammaln(counts + 1)).sum()
    return float(n * special.entr(law).sum() - special.gammaln(n + 1) + factorials)


def divergences(law: Sequence[float] | np.ndarray, n: int, truth: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Mean ``D(fit || truth)`` and mean ``D(truth || fit)`` in nats, of the fit to n draws from a law (k,); n at least 1.

    The truth (k,) has positive probabilities. Raises ValueError otherwise. Checked by
    tests/experiments/reverse_bottleneck/test_alphabets.py, by enumeration.
    """
    law, truth, n = _law("law", law), _law("truth", truth), checks.integer("n", n, 1, 10**6)
    if law.shape != truth.shape or not (truth > 0).all():
        raise ValueError(f"truth = {truth.tolist()}; allowed: {len(law)} positive probabilities")
    fitted = (np.arange(n + 1) + ADDED) / (n + len(law) * ADDED)  # (n + 1,)
    chances = stats.binom.pmf(np.arange(n + 1), n, law[:, None])  # (k, n + 1)
    forward = (chances * fitted * (np.log(fitted) - np.log(truth)[:, None])).sum()
    backward = (truth * (np.log(truth) - chances @ np.log(fitted))).sum()
    return float(forward), float(backward)


def both(truth: np.ndarray, anchors: np.ndarray, model: np.ndarray, m: int, n: int) -> dict[str, float]:
    """KL gap and GGMI of one world, in nats.

    Parameters
    ----------
    truth, anchors, model : arrays (k,)
        Laws on one alphabet: of the task G, all positive; of the anchors; of the synthetic data.
    m, n : int
        Anchors and synthetic examples, at least 1.

    Returns
    -------
    dict
        "KL gap", mean ``D(fit to the anchors || G) - D(fit to the synthetic data || G)``; "reversed gap", the same of
        ``D(G || fit)``; "GGMI", ``I(S_anchor; W') - I(S_gen; W)``; "entropy decrease", ``H(S_anchor) - H(S_gen)``.

    Raises
    ------
    ValueError
        Outside these ranges.

    Notes
    -----
    Source: Section 4.4, Definition 4.9 and Theorem 4.10. Checked by tests/experiments/reverse_bottleneck/test_alphabets.py.
    """
    few, many = divergences(anchors, m, truth), divergences(model, n, truth)
    return {
        "KL gap": few[0] - many[0],
        "reversed gap": few[1] - many[1],
        "GGMI": count_entropy(anchors, m) - count_entropy(model, n),
        "entropy decrease": m * entropy(anchors) - n * entropy(model),
    }


def scene(
    k: int, j: int, foreign: int, anchors: int = 50, synthetic: int = 200, constant: bool = False
) -> dict[str, float]:
    """:func:`both` for the scene of Section 4.4: all weights equal, ``anchors`` of each of the K symbols on average.

    ``constant``: the model says the first symbol and nothing else. Args: k, j and foreign at least 1. Raises ValueError outside.
    Source: Appendix B. Checked by tests/experiments/reverse_bottleneck/test_alphabets.py.
    """
    k, j = checks.integer("k", k, 1, 1000), checks.integer("j", j, 1, 1000)
    foreign, total = checks.integer("foreign", foreign, 1, 1000), k + j + foreign
    truth = np.repeat([(1 - ELSEWHERE) / (k + j), ELSEWHERE / foreign], [k + j, foreign])
    known = np.repeat([1 / k, 0.0], [k, j + foreign])
    model = np.eye(total)[0] if constant else np.full(total, 1 / total)
    return both(truth, known, model, k * checks.integer("anchors", anchors, 1, 10**4), synthetic)


def sweep(varied: str, counts: Sequence[int], default: int) -> dict[str, list[float]]:
    """Columns of :func:`scene` with one of K, J, L at each of the ``counts``, the other two at ``default``.

    Raises ValueError for another name. Checked by tests/experiments/reverse_bottleneck/test_alphabets.py.
    """
    if varied not in ("K", "J", "L"):
        raise ValueError(f"varied = {varied!r}; allowed: K, J, L")
    rows = [scene(*(count if name == varied else default for name in "KJL")) for count in counts]
    return {name: [row[name] for row in rows] for name in rows[0]}


def random_worlds(seed: int, equal_sizes: bool, first: int, count: int) -> dict[str, list[float]]:
    """Columns of :func:`both` for random worlds number ``first`` to ``first + count - 1``.

    K, J and L from 1 to 6; the truth's and the foreign weights from a Dirichlet law of parameter 1; the anchors are the truth's
    first K symbols, the model mixes the truth with L / (K + J + L) of foreign weight. m and n run from 20 to 1000, evenly over
    the logarithm; with ``equal_sizes`` they agree. Checked by tests/experiments/reverse_bottleneck/test_alphabets.py.
    """
    rows = []
    for number in numbers(first, count):
        rng = seeds.rng(seed, STREAM, "alphabet", equal_sizes, number)
        k, j, foreign = (int(x) for x in rng.integers(1, 7, 3))
        known, strange = rng.dirichlet(np.ones(k + j)), rng.dirichlet(np.ones(foreign))
        share = foreign / (k + j + foreign)
        truth = np.concatenate([(1 - ELSEWHERE) * known, np.full(foreign, ELSEWHERE / foreign)])
        model = np.concatenate([(1 - share) * known, share * strange])
        anchors = np.concatenate([known[:k] / known[:k].sum(), np.zeros(j + foreign)])
        m, n = (round(math.exp(x)) for x in rng.uniform(math.log(20), math.log(1000), 2))
        rows.append(both(truth, anchors, model, m, m if equal_sizes else n))
    return {name: [row[name] for row in rows] for name in rows[0]}


def _law(name: str, law: Sequence[float] | np.ndarray) -> np.ndarray:
    return np.array(checks.probabilities(name, np.asarray(law, dtype=float).tolist()))
