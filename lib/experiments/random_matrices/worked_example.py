"""Notebook random-matrices/02: the exact theory by hand, number by number, in one small setting.

Only the lines of the page stand here: a root inside a quadratic, and a derivative taken as a difference of two solutions. So it
checks :func:`lib.theory.random_matrices.ridge.ridge`, which gets there another way. ``psi`` is the rho of the paper.
"""

import math

from scipy.optimize import brentq

from lib.theory.gaussian import cdf

SETTING = {"p": 100, "n": 200, "m": 400, "n_hat": 200, "mu_norm": 1.0, "gamma": 0.1}
SETTING |= {"epsilon": 0.3, "psi": 0.1, "phi": 0.9}
STEP = 1e-4  # of the difference in gamma, relative


def shares(*, p: int, n: int, m: int, n_hat: int, epsilon: float, psi: float, phi: float) -> dict[str, float]:
    """eta, pi, hat_pi, alpha, lambda and k of a setting; N = n + m counts pruned rows too.

    Checked by tests/experiments/random_matrices/test_worked_example.py.
    """
    total, right, wrong = n + m, phi * (1 - epsilon), psi * epsilon
    found = {"eta": p / total, "pi": n / total, "hat pi": n_hat / total, "alpha": right + wrong}
    return found | {"lambda": right - wrong, "k": (right + wrong) * m / n_hat}


def weights(x: float, *, gamma: float, generator: str, **sizes: float) -> dict[str, float]:
    """What follows from a trial x = delta_r: g, omega, delta_s, kappa, tau and ``b x``.

    ``sizes``: as :func:`shares` takes them; n_hat is finite. Checked by
    tests/experiments/random_matrices/test_worked_example.py.
    """
    s, e = shares(**sizes), float(generator == "shared")
    half = (1 + (1 + e - s["k"]) * x) / 2
    g = (math.sqrt(half * half + x * s["k"] * (1 + e * x)) - half) / x  # x g^2 + 2 half g - k (1 + e x) = 0
    omega = e + g
    delta_s = x / (1 + omega * x)
    kappa, tau = ((1 - s["pi"]) * s[rate] / (1 + delta_s) for rate in ("alpha", "lambda"))
    b = gamma + (s["pi"] - e * s["hat pi"]) / (1 + x) + (e * s["hat pi"] + kappa) / (1 + omega * x)
    return {"g": g, "omega": omega, "delta_s": delta_s, "kappa": kappa, "tau": tau, "b x": b * x, "b": b}


def solved(*, mu_norm: float, gamma: float, generator: str, **sizes: float) -> dict[str, float]:
    """x with ``b x = eta``, all that :func:`weights` gives there, then a, c, m, m_s and F.

    Checked by tests/experiments/random_matrices/test_worked_example.py.
    """
    s, e, own = shares(**sizes), float(generator == "shared"), {"gamma": gamma, "generator": generator, **sizes}
    x = brentq(lambda trial: weights(trial, **own)["b x"] - s["eta"], 1e-12, s["eta"] / gamma, xtol=1e-15)
    at = weights(x, **own)
    damped, others, seen = 1 + at["omega"] * x, (s["pi"] - e * s["hat pi"]) / (1 + x), e * s["hat pi"]
    if generator == "known_mean":
        a, c = others + at["kappa"], others + at["tau"]
    else:
        a, c = at["b"] - gamma, others + (seen + at["tau"]) / damped
    mean = c * mu_norm**2 / (at["b"] + a * mu_norm**2)
    of_generator = mean if generator == "known_mean" else (mean + (e + at["tau"] / s["hat pi"]) * x) / damped
    f = others * (mean + x) + (seen + at["tau"]) * of_generator + at["kappa"] * at["delta_s"]
    return {"x": x, **at, "a": a, "c": c, "m": mean, "m_s": of_generator, "F": f}


def steps(generator: str, **setting: float) -> dict[str, float]:
    """All steps to the accuracy, in order; F is also given a little below and above gamma, and its slope between them.

    ``setting``: p, n, m, n_hat (finite), mu_norm, gamma, epsilon, psi, phi; something is kept.
    Checked by tests/experiments/random_matrices/test_worked_example.py, against ridge.
    """
    gamma = setting["gamma"]
    low, high = gamma * (1 - STEP), gamma * (1 + STEP)
    below, above = (solved(**setting | {"gamma": near}, generator=generator)["F"] for near in (low, high))
    variance = -(above - below) / (high - low)
    found = shares(**{name: setting[name] for name in ("p", "n", "m", "n_hat", "epsilon", "psi", "phi")})
    found |= solved(**setting, generator=generator)
    found |= {"F below": below, "F above": above, "variance": variance, "ratio": found["m"] / math.sqrt(variance)}
    return found | {"accuracy": cdf(found["ratio"])}
