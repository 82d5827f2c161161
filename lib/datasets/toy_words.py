"""One of some words, drawn: what the made-up texts are put together from."""

from collections.abc import Sequence

import numpy as np


def one_of(rng: np.random.Generator, choices: Sequence, *, weights: Sequence[float] | None = None) -> object:
    """One of ``choices``, each as likely, or in proportion to ``weights``, which are not negative and not all 0.

    Ten times as fast as numpy's own choice, which turns the words into an array each time. Checked by
    tests/datasets/test_toy_sets.py.
    """
    if weights is None:
        return choices[int(rng.integers(len(choices)))]
    sums = np.cumsum(weights)
    return choices[int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))]
