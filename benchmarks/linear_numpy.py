"""The same repeat in plain numpy, as one would first write it: draw all the data, then refit at each size."""

import math

import numpy as np


def at_angle(axis, theta, rng):
    other = rng.standard_normal(len(axis))
    other -= (other @ axis) * axis
    return math.cos(theta) * axis + math.sin(theta) * other / np.linalg.norm(other)


def draw_mixture(count, mean, rng):
    y = rng.choice([-1.0, 1.0], count)
    return rng.standard_normal((count, len(mean))) / math.sqrt(len(mean)) + np.outer(y, mean), y


def fit(x, targets):
    return np.linalg.solve(x.T @ x, x.T @ targets)


def fit_sizes(x, targets, kept, sizes):
    """Normal equations of the first rows that each selection keeps: (selections, sizes, d)."""
    fits = []
    for labels, mask in zip(targets, kept, strict=True):
        rows, selected = x[mask], labels[mask]
        fits.append([fit(rows[:size], selected[:size]) for size in sizes])
    return np.array(fits)


def coefficients(seed: int, real: int, synthetic: int, dimension: int, tau: float, sizes: list[int], threads: int):
    """Six selections (true label, w_star, pi/12, pi/6, random, clean) by sizes by dimension.

    ``threads`` is set by the environment before numpy is imported.
    """
    rng = np.random.default_rng(seed)
    axis = rng.standard_normal(dimension)
    w_star = axis / np.linalg.norm(axis)
    w_gen = fit(*draw_mixture(real, tau * w_star, rng))
    verifiers = [at_angle(w_star, theta, rng) for theta in (0.0, math.pi / 12, math.pi / 6)]
    x, y = draw_mixture(synthetic, tau * w_star, rng)
    labels = np.where(rng.random(synthetic) < 1 / (1 + np.exp(-x @ w_gen)), 1.0, -1.0)
    every = np.ones(synthetic, dtype=bool)
    kept = [labels == y, *(labels * (x @ verifier) > 0 for verifier in verifiers), every, every]
    return fit_sizes(x, [labels] * 5 + [y], kept, sizes)
