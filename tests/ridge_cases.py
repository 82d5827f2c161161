"""Settings of the ridge model with limits that were computed elsewhere: formulas and simulations must both meet them."""

import math
import random
from collections import namedtuple

from lib.theory.random_matrices.ridge import figure3_label_noise

FIGURE3_NOISE = figure3_label_noise(p=500, m=4000, n_hat=1000, mu_norm=0.7, gamma=1)
NAMES = ("p", "n", "m", "n_hat", "mu_norm", "gamma", "epsilon", "psi", "phi")


def named(*values):
    """A setting as keyword arguments from the values of NAMES, in this order."""
    return dict(zip(NAMES, values, strict=True))


def alone(*values):
    """A setting without real rows as keyword arguments: the values of NAMES but for n and n_hat."""
    return dict(zip([name for name in NAMES if name not in ("n", "n_hat")], values, strict=True))


# setting: keyword arguments of ``ridge``; limits: by generator mean, variance, accuracy;
# printed and coded: accuracy by Theorem 4.2 as printed, and by the formula of the authors' public code
Case = namedtuple("Case", ("name", "setting", "printed", "coded", "limits"))

CASES = [
    Case(
        "real only (m=0)",
        named(300, 600, 0, math.inf, 1, 0.1, 0, 1, 1),
        printed=0.7427,
        coded=0.7427,
        limits={
            "known_mean": (0.45995, 0.49790, 0.74275),
        },
    ),
    Case(
        "clean labels, no pruning",
        named(300, 600, 1200, 600, 1, 0.1, 0, 1, 1),
        printed=0.7959,
        coded=0.7908,
        limits={
            "known_mean": (0.51613, 0.39101, 0.79543),
            "independent": (0.46670, 0.37595, 0.77672),
            "shared": (0.45675, 0.51504, 0.73776),
        },
    ),
    Case(
        "label noise, strong",
        named(300, 600, 1200, 600, 1, 0.1, 0.3, 0.1, 0.9),
        printed=0.7858,
        coded=0.7811,
        limits={
            "known_mean": (0.46646, 0.34765, 0.78556),
            "independent": (0.43683, 0.33847, 0.77363),
            "shared": (0.42535, 0.44503, 0.73814),
        },
    ),
    Case(
        "label noise, weak",
        named(300, 600, 1200, 600, 1, 0.1, 0.3, 1, 0.5),
        printed=0.6805,
        coded=0.6772,
        limits={
            "known_mean": (0.23004, 0.23211, 0.68349),
            "independent": (0.24011, 0.23912, 0.68830),
            "shared": (0.23148, 0.23917, 0.68201),
        },
    ),
    Case(
        "label noise, no pruning",
        named(300, 600, 1200, 600, 1, 0.1, 0.3, 1, 1),
        printed=0.7346,
        coded=0.7301,
        limits={
            "known_mean": (0.30649, 0.24245, 0.73317),
            "independent": (0.29693, 0.23759, 0.72880),
            "shared": (0.28296, 0.29278, 0.69949),
        },
    ),
    Case(
        "heavy pruning, small ridge",
        named(300, 300, 1500, 150, 1.5, 0.02, 0.2, 0.1, 0.4),
        printed=0.8284,
        coded=0.8055,
        limits={
            "known_mean": (0.73994, 0.60974, 0.82833),
            "independent": (0.63064, 0.53837, 0.80496),
            "shared": (0.60235, 0.62703, 0.77658),
        },
    ),
    Case(
        "synthetic only, exact stats",
        named(300, 0, 300, math.inf, 1, 1, 0.4, 0.3, 0.8),
        printed=0.6308,
        coded=0.6308,
        limits={
            "known_mean": (0.12228, 0.12322, 0.63621),
        },
    ),
    Case(
        "synthetic only, n_hat=p",
        named(300, 0, 900, 300, 1, 0.1, 0.2, 0.3, 0.8),
        printed=0.7439,
        coded=0.7045,
        limits={
            "known_mean": (0.52873, 0.67093, 0.74070),
            "independent": (0.32277, 0.51991, 0.67279),
        },
    ),
    Case(
        "phase point, eps=eps*",
        named(300, 0, 900, math.inf, 1, 1, 8 / 11, 0.3, 0.8),
        printed=0.5000,
        coded=0.5000,
        limits={
            "known_mean": (0.00000, 0.05411, 0.50000),
        },
    ),
    Case(
        "Fig.3 oracle, p=500, 80% syn",
        named(500, 1000, 4000, 1000, 0.7, 1, FIGURE3_NOISE, 0, 1),
        printed=0.7317,
        coded=0.7313,
        limits={
            "known_mean": (0.17974, 0.08462, 0.73167),
            "independent": (0.16368, 0.10086, 0.69686),
            "shared": (0.15696, 0.11737, 0.67658),
        },
    ),
    Case(
        "Fig.3 weak, p=500, 80% syn",
        named(500, 1000, 4000, 1000, 0.7, 1, FIGURE3_NOISE, 1, 0.5),
        printed=0.6488,
        coded=0.6485,
        limits={
            "known_mean": (0.06611, 0.02968, 0.64943),
            "independent": (0.06474, 0.02956, 0.64675),
            "shared": (0.05983, 0.02939, 0.63647),
        },
    ),
]


def random_settings(seed, count, smallest_ridge=-3.0):
    """Settings over all sizes and rates, some without real rows, some without synthetic ones, some with exact statistics."""
    rng = random.Random(seed)
    for _ in range(count):
        p = round(10 ** rng.uniform(0, 3.5))
        n, m = (0 if rng.random() < 0.1 else round(10 ** rng.uniform(0, 4)) for _ in range(2))
        n_hat = math.inf if rng.random() < 0.1 else round(10 ** rng.uniform(0, 4))
        gamma = 10 ** rng.uniform(smallest_ridge, 2)
        yield named(p, n or 1, m, n_hat, rng.uniform(0, 3), gamma, rng.random(), rng.random(), rng.random())
