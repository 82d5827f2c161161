"""Random arguments of the formulas, to run them under MicroPython: each function draws one set from its generator."""

import math

import numpy as np
from oracles import random_triplets

from lib.experiments.reverse_bottleneck import worlds as random_worlds
from lib.theory.reverse_bottleneck import gaussian_chain


def real(low, high):
    return lambda rng: float(rng.uniform(low, high))


def whole(low, high):
    """Integers spread evenly over orders of magnitude."""
    return lambda rng: int(np.exp(rng.uniform(np.log(low), np.log(high + 0.999))))


def log_uniform(low, high):
    return lambda rng: float(10 ** rng.uniform(low, high))


def record(**draws):
    return lambda rng: {name: draw(rng) if callable(draw) else draw for name, draw in draws.items()}


def angles(rng):
    triplet = next(random_triplets(int(rng.integers(2**31)), 1))
    return dict(zip(("theta_gen", "theta_prune", "theta"), triplet, strict=True))


def mixture(rng):
    return {"mu_norm": float(rng.uniform(0.02, 0.97)), "dimension": whole(3, 10**5)(rng), **angles(rng)}


def crossover(rng):
    """Settings of perfect_accuracy_probability, two in three near the breakdown point, where it is neither 0 nor 1."""
    n, phi, psi = whole(1, 10**7)(rng), float(rng.uniform(0.01, 1)), float(rng.uniform(0.01, 1))
    if rng.random() < 0.2:
        phi = psi = 1.0
    p = rng.random() if rng.random() < 0.3 else phi / (phi + psi) + rng.normal() / math.sqrt(n * (phi + psi))
    return {"n": n, "p": float(min(1, max(0, p))), "phi": phi, "psi": psi}


def walk(rng):
    n, p, phi, psi = crossover(rng).values()
    return {"n": n, "up": (1 - p) * phi, "down": p * psi}


def correlations(rng):
    g, v, c = (math.cos(each) for each in angles(rng).values())
    return {"rho12": g, "rho13": v, "rho23": c}


def skewed_or_mirrored(rng):
    counts = {name: whole(1, 10**4)(rng) for name in ("n00", "n01", "n10", "n11")}
    a = float(rng.uniform(0.02, 0.95))
    return {**counts, "a": a, "b": -a if rng.random() < 0.5 else 0.0, "gamma": log_uniform(-2, 6)(rng)}


def correlation(rng):
    """Also near the ends, where the cdf becomes a step."""
    rho = rng.uniform(-1, 1) if rng.random() < 0.6 else rng.choice([-1, 1]) * (1 - 10 ** rng.uniform(-9, -1))
    return float(rho)


def axis(rng, **more):
    scale, low = str(rng.choice(["linear", "log10"])), float(rng.uniform(0, 1))
    return {"low": low, "high": low + 2.0, "scale": scale, "factor": 1.5, "integer": bool(rng.random() < 0.3), **more}


def slider(name, value, integer=False, scale="linear"):
    shape = {"scale": scale, "factor": 1.0, "integer": integer, "decimals": 2, "unit": ""}
    return {"name": name, "low": 0.0, "high": 7.0, "step": 0.01, "value": value, **shape}


def figure(rng):
    """Settings and positions of a figure with four sliders, three lines (one with gaps) and two readouts."""
    x = {"name": "p", "low": -0.2, "high": 1.0, "points": 7, "scale": "linear", "factor": 1.0, "integer": False}
    perfect = "beyond_collapse.breakdown.perfect_accuracy_probability"
    step, bounds = "beyond_collapse.breakdown.theorem_accuracy", "beyond_collapse.breakdown.breakdown_bounds"
    settings = {
        "x": x,
        "y": {"label": "accuracy", "unit": "", "low": 0.0, "high": 1.0, "scale": "linear", "factor": 1.0},
        "sliders": [slider("p", 0.3), slider("phi", 0.9), slider("psi", 0.5), slider("n", 3.0, True, "log10")],
        "constants": {"t": 0.1},
        "lines": [
            {"function": perfect, "field": None, "arguments": ["n", "p", "phi", "psi"]},
            {"function": step, "field": None, "arguments": ["p", "phi", "psi"]},
        ],
        "readouts": [
            {"function": "beyond_collapse.breakdown.breakdown_point", "field": None, "arguments": ["phi", "psi"]},
            {"function": bounds, "field": "p_minus", "arguments": ["phi", "psi", "t"]},
        ],
    }
    positions = {name: float(rng.random()) for name in ("p", "phi", "psi")}
    return {"settings": settings, "positions": {**positions, "n": float(rng.uniform(0, 7))}}


def curve(rng):
    bounds = rng.random() < 0.5
    fixed = {"psi": float(rng.uniform(-0.1, 1)), **({"t": 0.2} if bounds else {})}
    return {
        "function": {"$function": "beyond_collapse.breakdown." + ("breakdown_bounds" if bounds else "breakdown_point")},
        "name": "phi",
        "values": [float(each) for each in rng.uniform(-0.2, 1.2, 5)],
        "fixed": fixed,
        "field": "p_plus" if bounds else None,
    }


def value(rng):
    drawn = curve(rng)
    return {
        "function": drawn["function"],
        "arguments": {"phi": drawn["values"][0], **drawn["fixed"]},
        "field": drawn["field"],
    }


def ridge_setting(rng):
    n, draw = whole(1, 10**4)(rng), whole(1, 10**4)
    setting = {"p": draw(rng), "n": n, "m": draw(rng), "n_hat": int(rng.integers(1, n + 1)), "mu_norm": real(0, 3)(rng)}
    rates = {name: float(rng.random()) for name in ("epsilon", "psi", "phi")}
    return {**setting, "gamma": log_uniform(-3, 2)(rng), **rates}


def any_ridge(rng):
    return {**ridge_setting(rng), "generator": str(rng.choice(["known_mean", "independent", "shared"]))}


def solved_setting(rng):
    """A Setting, as the function that makes it and its arguments, a place x for delta_r, and beta."""
    arguments = any_ridge(rng)
    setting = {"$result": ["random_matrices.equation.setting", arguments]}
    return {"x": log_uniform(-3, 1)(rng), "s": setting, "beta": real(0.1, 1)(rng)}


def losses(rng):
    return [float(each) for each in rng.exponential(size=12)]


def separated(rng):
    dimension = whole(1, 1000)(rng)
    kept = int(rng.integers(0, dimension + 1))
    return {"separation": real(0, 20)(rng), "noise": log_uniform(-1, 1)(rng), "dimension": dimension, "kept": kept}


def gaussian_entropies(rng):
    return {"entropies": gaussian_chain.entropies(**random_worlds.gaussian_world(rng))}


def small_world(rng):
    curation = str(rng.choice(random_worlds.CURATIONS))
    return {"world": random_worlds.finite_world(rng, curation=curation, noisy_prompt=bool(rng.random() < 0.5))}


def small_rejection(rng):
    world = random_worlds.finite_world(rng)
    keep = rng.uniform(0.1, 1, max(world["h"]) + max(world["g"]) + 1).tolist()
    return {"model": world["model"], "h": world["h"], "g": world["g"], "keep": keep}


def two_examples(rng):
    world = small_world(rng)["world"]
    return {"world": {name: world[name] for name in world if "learner" not in name}, "n": 2}


def two_rows(rng):
    return dict(zip("pq", rng.dirichlet([1, 1, 1], 2).tolist(), strict=True))


def finite_learner(rng):
    truth, source = rng.dirichlet([1, 1, 1], 2).tolist()
    losses, scores = rng.uniform(size=(2, 2, 3)).tolist()
    tables = {"truth": truth, "source": source, "losses": losses, "scores": scores}
    return {**tables, "n": whole(1, 6)(rng), "strength": log_uniform(-2, 3)(rng)}


def without(draw, *names):
    return lambda rng: {name: x for name, x in draw(rng).items() if name not in names}


def stored(rng):
    """Tolerances in rising order, and the share of answers that are right at each."""
    count = int(rng.integers(1, 6))
    steps, shares = rng.uniform(0.01, 0.2, count), rng.uniform(0, 1, count)
    return {"tolerances": np.cumsum(steps).tolist(), "curve": np.sort(shares).tolist()}


def before_a_verifier(rng):
    return {"tolerance": rng.uniform(0, 1) + 0.001, "verifier": rng.uniform(0, 1) + 0.001, **stored(rng)}


def scored(rng):
    """Shares of right answers that selections keep, for some qualities and rates, and where to read them."""
    rates, qualities = (np.cumsum(rng.uniform(0.01, 0.2, int(rng.integers(1, 5)))).tolist() for _ in range(2))
    curves = [np.sort(rng.uniform(0, 1, len(rates))).tolist() for _ in qualities]
    read = {"rate": rng.uniform(0.001, 1), "quality": rng.uniform(0, 1), "p": rng.uniform(0.01, 1)}
    return {**read, "qualities": qualities, "rates": rates, "curves": curves}


def drawn_answers(rng):
    n = int(rng.integers(1, 200))
    return {"n": n, "right": int(rng.integers(0, n + 1)), "k": int(rng.integers(1, n + 1))}


def several_widths(rng):
    """One curve for each of some widths, and a width that is not below the first."""
    tolerances = stored(rng)["tolerances"]
    widths = np.cumsum(rng.integers(1, 20, int(rng.integers(1, 4)))).tolist()
    curves = [np.sort(rng.uniform(0, 1, len(tolerances))).tolist() for _ in widths]
    return {
        "tolerance": rng.uniform(0, 1) + 0.001,
        "width": int(rng.integers(widths[0], 100)),
        "widths": widths,
        "tolerances": tolerances,
        "curves": curves,
    }
