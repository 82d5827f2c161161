"""A world and random learners that several tests of the reverse-bottleneck formulas share."""

import math

import numpy as np

LN2 = math.log(2)
ROUNDING = 1e-9  # of sums of a few thousand terms of order one
IDENTITY = [[1.0, 0.0], [0.0, 1.0]]
# fair bits e_p and e_M, M their sum, W its parity: the smallest world in which two factors tell more together than apart
PARITY = {
    "anchor": [0.5, 0.5],
    "prompt": IDENTITY,
    "model": [[0.5, 0.5]] * 2,
    "h": [0, 1],
    "g": [0, 1],
    "curation": [np.eye(3).tolist()] * 2,
    "learner": [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]],
    "anchor_learner": IDENTITY,
}


def finite_learner(rng):
    """Random arguments of ``generalization``: losses in [0, 1], a learner that minimizes them, their negative or noise."""
    kinds, models = (int(k) for k in rng.integers(2, 5, 2))
    losses = rng.uniform(size=(models, kinds))
    scores = [losses, -losses, rng.uniform(size=losses.shape)][rng.integers(3)]
    return {
        "truth": rng.dirichlet(np.ones(kinds)).tolist(),
        "source": rng.dirichlet(np.ones(kinds)).tolist(),
        "losses": losses.tolist(),
        "scores": scores.tolist(),
        "n": int(rng.integers(1, 9)),
        "strength": float(10 ** rng.uniform(-2, 2)),
    }
