"""Every public function of lib/theory gives under MicroPython, as in the published page, what it gives in CPython.

INPUTS has one generator of valid arguments for each; a function without one fails the test, so that no new formula escapes.
"""

import functools
import importlib
import inspect
import json
import math
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from oracles import random_triplets

import lib.theory
from lib.experiments.reverse_bottleneck import worlds as random_worlds
from lib.theory import gaussian_chain

ROOT = Path(__file__).resolve().parents[2]
MICROPYTHON = ROOT / "node_modules" / "@micropython" / "micropython-webassembly-pyscript"
RUNNER = Path(__file__).with_name("micropython_runner.mjs")
INPUTS_EACH = 200

# Differences relative to max(1, |value|): the C libraries round exp, log and erfc in the last digit by themselves.
TOLERANCE = 1e-12
# n multiplies the logarithm's last digit by up to 1e7, and exp passes it on.
WIDER = {"lazy_walk.positive_probability": 1e-9, "beyond_collapse.perfect_accuracy_probability": 1e-9}
# These take what lib.explore has checked, and check nothing themselves.
NOT_VALIDATING = ("curves", "sliders")


@functools.cache
def theory_functions():
    """All public functions of all files of lib/theory, as {"module.function": function}."""
    found = {}
    for path in sorted(Path(lib.theory.__file__).parent.glob("*.py")):
        if path.stem != "__init__":
            module = importlib.import_module(f"lib.theory.{path.stem}")
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    found[f"{path.stem}.{name}"] = function
    return found


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
    perfect = "beyond_collapse.perfect_accuracy_probability"
    step, bounds = "beyond_collapse.theorem_accuracy", "beyond_collapse.breakdown_bounds"
    settings = {
        "x": x,
        "y": {"low": 0.0, "high": 1.0, "scale": "linear", "factor": 1.0},
        "sliders": [slider("p", 0.3), slider("phi", 0.9), slider("psi", 0.5), slider("n", 3.0, True, "log10")],
        "constants": {"t": 0.1},
        "lines": [
            {"function": perfect, "field": None, "arguments": ["n", "p", "phi", "psi"]},
            {"function": step, "field": None, "arguments": ["p", "phi", "psi"]},
        ],
        "readouts": [
            {"function": "beyond_collapse.breakdown_point", "field": None, "arguments": ["phi", "psi"]},
            {"function": bounds, "field": "p_minus", "arguments": ["phi", "psi", "t"]},
        ],
    }
    positions = {name: float(rng.random()) for name in ("p", "phi", "psi")}
    return {"settings": settings, "positions": {**positions, "n": float(rng.uniform(0, 7))}}


def curve(rng):
    bounds = rng.random() < 0.5
    fixed = {"psi": float(rng.uniform(-0.1, 1)), **({"t": 0.2} if bounds else {})}
    return {
        "function": {"$function": "beyond_collapse." + ("breakdown_bounds" if bounds else "breakdown_point")},
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
    rates = {name: float(rng.random()) for name in ("epsilon", "rho", "phi")}
    return {**setting, "gamma": log_uniform(-3, 2)(rng), **rates}


def any_ridge(rng):
    return {**ridge_setting(rng), "generator": str(rng.choice(["known_mean", "independent", "shared"]))}


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


share = real(0, 1)
limit = real(-9, 9)
noise = log_uniform(-1, 1)
four_noises = record(prompt_noise=noise, model_noise=noise, curation_noise=noise, learner_noise=noise)
bound_terms = record(
    depth=whole(1, 9), contraction=real(0.01, 1), sigma=real(0, 3), n=whole(1, 10**6), information=real(0, 9)
)
four_terms = record(gain=limit, bottleneck=limit, entropy_model=limit, slack=limit)
INPUTS = {
    "beyond_collapse.breakdown_bounds": record(phi=share, psi=share, t=real(0, 0.999)),
    "beyond_collapse.breakdown_point": record(phi=share, psi=share),
    "beyond_collapse.fixed_point": skewed_or_mirrored,
    "beyond_collapse.kept_counts": record(n=whole(1, 10**7), p=share, phi=share, psi=share),
    "beyond_collapse.mixture_breakdown_point": mixture,
    "beyond_collapse.mixture_rates": mixture,
    "beyond_collapse.mixture_rates_as_printed": lambda rng: {**mixture(rng), "dimension": whole(3, 30)(rng)},
    "beyond_collapse.noiseless_accuracy": angles,
    "beyond_collapse.angles_theorem_accuracy": angles,
    "beyond_collapse.noiseless_breakdown_point": angles,
    "beyond_collapse.noiseless_rates": angles,
    "beyond_collapse.perfect_accuracy_probability": crossover,
    "beyond_collapse.population_classifier": mixture,
    "beyond_collapse.theorem_accuracy": record(p=share, phi=share, psi=share),
    "checks.angle": record(name="theta", value=real(0, math.pi)),
    "checks.integer": record(name="n", value=whole(1, 10**6), low=1, high=10**7),
    "checks.positive": record(name="gamma", value=log_uniform(-300, 300)),
    "checks.probability": record(name="p", value=share),
    "checks.real": record(name="x", value=share, low=0.0, high=1.5, open_low=True, open_high=False),
    "curves.curve": curve,
    "curves.value": value,
    "finite_chain.account": small_world,
    "finite_chain.entropies": small_world,
    "finite_chain.entropy": lambda rng: {"chances": rng.dirichlet([1, 1, 1]).tolist()},
    "finite_chain.generalization": finite_learner,
    "finite_chain.layered": record(losses=lambda rng: rng.uniform(size=(3, 2)).tolist(), depth=whole(1, 5), flip=share),
    "finite_chain.rejection": small_rejection,
    "finite_chain.repeated": two_examples,
    "finite_chain.total_variation": two_rows,
    "gaussian_chain.account": lambda rng: random_worlds.gaussian_world(rng, dependent=True),
    "gaussian_chain.term_bar": lambda rng: {"bar": int(rng.integers(0, 5)), **four_noises(rng)},
    "gaussian_chain.total_bar": lambda rng: {"bar": int(rng.integers(5, 7)), **four_noises(rng)},
    "gaussian_chain.entropies": lambda rng: random_worlds.gaussian_world(rng, dependent=True),
    "gaussian_chain.ggmi_slack": four_noises,
    "gaussian.bivariate_cdf": record(x=limit, y=limit, rho=correlation),
    "gaussian.cdf": record(x=limit),
    "gaussian.conditional_cdf": record(y=limit, x=limit, rho=correlation),
    "gaussian.mills_ratio": record(x=real(0, 60)),
    "gaussian.orthant_probability": correlations,
    "gaussian.pdf": record(x=limit),
    "lazy_walk.positive_probability": walk,
    "logistic.cluster_logits": record(
        right=whole(1, 10**6), wrong=whole(1, 10**6), a=real(0.01, 0.99), gamma=log_uniform(-2, 6)
    ),
    "logistic.sigmoid": record(z=real(-800, 800)),
    "logistic.tolerated_wrong_labels": record(right=whole(1, 10**6), a=real(0.01, 0.99), gamma=log_uniform(-2, 6)),
    "random_matrices.critical_label_noise": record(rho=share, phi=share),
    "random_matrices.figure3_label_noise": without(ridge_setting, "n", "epsilon", "rho", "phi"),
    "random_matrices.marchenko_pastur_atom": record(ratio=log_uniform(-3, 2)),
    "random_matrices.marchenko_pastur_density": record(t=real(0, 4), ratio=log_uniform(-3, 1)),
    "random_matrices.marchenko_pastur_edges": record(ratio=log_uniform(-3, 2)),
    "random_matrices.ridge": any_ridge,
    "random_matrices.ridge_as_coded": any_ridge,
    "random_matrices.ridge_as_printed": any_ridge,
    "random_matrices.ridge_closed_form": ridge_setting,
    "random_matrices.sharp_limit": record(mu_norm=real(0, 3), epsilon=share, rho=share, phi=share),
    "random_matrices.synthetic_only": without(ridge_setting, "n", "n_hat"),
    "random_matrices.synthetic_only_as_printed": without(ridge_setting, "n", "n_hat"),
    "random_matrices.verified_accuracy": record(
        n=whole(1, 10**6),
        p=share,
        phi=share,
        psi=share,
        dimension=whole(2, 10**4),
        mu_norm=real(0, 0.97),
        ridge=log_uniform(-3, 2),
    ),
    "reverse_bottleneck.absolute_generalization_bound": bound_terms,
    "reverse_bottleneck.account": gaussian_entropies,
    "reverse_bottleneck.anchor_error_bound": lambda rng: {
        ("m" if name == "n" else name): x for name, x in bound_terms(rng).items()
    },
    "reverse_bottleneck.generalization_bound": bound_terms,
    "reverse_bottleneck.ggmi": record(information_anchor=real(0, 9), information_synthetic=real(0, 9)),
    "reverse_bottleneck.ggmi_bound": record(
        gain=limit,
        alpha=limit,
        h_anchor_given_w=limit,
        h_anchor=limit,
        h_synthetic=limit,
        h_synthetic_given_w=limit,
        h_anchor_given_model=limit,
    ),
    "reverse_bottleneck.steps": gaussian_entropies,
    "reverse_bottleneck.synthetic_error_bound": lambda rng: {
        **without(bound_terms, "information")(rng),
        **four_terms(rng),
        "loss_bound": 1.5,
        "tv_task": share(rng),
        "tv_generation": share(rng),
    },
    "reverse_bottleneck.synthetic_information_bound": four_terms,
    "sliders.axis_values": lambda rng: {"x": axis(rng, points=int(rng.integers(2, 30)))},
    "sliders.horizontal": lambda rng: {"x": axis(rng), "argument": float(rng.uniform(2, 9))},
    "sliders.number": record(value=log_uniform(-12, 12)),
    "sliders.slider_text": lambda rng: {"slider": slider("p", 0.3, bool(rng.random() < 0.5)), "shown": real(0, 9)(rng)},
    "sliders.transform": lambda rng: {"scale": axis(rng), "position": real(0, 3)(rng)},
    "sliders.update": figure,
    "sliders.vertical": lambda rng: {"y": axis(rng), "value": real(-1, 9)(rng)},
    "usable_information.binary_entropy": record(p=share),
    "usable_information.margin_cross_entropy": record(mean=real(-50, 50), deviation=log_uniform(-3, 1.5)),
    "usable_information.mixture_accuracy": separated,
    "usable_information.mixture_decision_information": separated,
    "usable_information.mixture_shannon_information": without(separated, "dimension", "kept"),
    "usable_information.mixture_v_information": separated,
    "usable_information.plugin_information": lambda rng: {"counts": rng.poisson(3, size=(3, 4)).tolist()},
    "usable_information.pointwise_v_information": record(loss=log_uniform(-3, 2), null_loss=log_uniform(-3, 2)),
    "usable_information.v_entropy": record(losses=losses),
    "usable_information.v_information": record(losses=losses, null_losses=losses),
}


def decode(x):
    if isinstance(x, dict) and "$float" in x:
        return float(x["$float"])
    if isinstance(x, dict) and "$function" in x:
        return theory_functions()[x["$function"]]
    return x


def encode(x):
    if isinstance(x, (tuple, list)):
        return [encode(each) for each in x]
    if isinstance(x, dict):
        return {name: encode(each) for name, each in x.items()}
    if isinstance(x, float) and not math.isfinite(x):
        return {"$float": str(x)}
    return x


def in_cpython(name, arguments):
    try:
        return {"value": encode(theory_functions()[name](**{key: decode(x) for key, x in arguments.items()}))}
    except ValueError as error:
        return {"error": "ValueError", "message": str(error)}


def spoiled(arguments):
    """The arguments with one number at a time replaced by what is not allowed, or not always."""
    for name, x in arguments.items():
        if (
            isinstance(x, (int, float)) and not isinstance(x, bool) and name not in ("low", "high")
        ):  # limits are the caller's
            for bad in ({"$float": "nan"}, {"$float": "inf"}, True, "x", -5.0, 1.25, 4.0, None):
                yield {**arguments, name: bad}


@pytest.fixture(scope="module")
def cases():
    rng = np.random.default_rng(20)
    drawn = []
    for name, draw in INPUTS.items():
        arguments = [draw(rng) for _ in range(INPUTS_EACH)]
        validating = name.split(".")[0] not in NOT_VALIDATING
        bad = [each for first in arguments[:2] for each in spoiled(first)] if validating else []
        drawn += [(name, each) for each in arguments + bad]
    return drawn


@pytest.fixture(scope="module")
def results(cases):
    """One MicroPython for all cases, as in a page."""
    node = shutil.which("node") or shutil.which("node", path=ROOT / ".venv" / "bin")
    if node is None or not MICROPYTHON.is_dir():
        missing = "node" if node is None else "node_modules/@micropython (npm ci --ignore-scripts)"
        if os.environ.get("CI"):
            pytest.fail(f"{missing} is missing, and CI may not skip this test")
        pytest.skip(f"{missing} is missing")
    sent = json.dumps([[*name.split("."), arguments] for name, arguments in cases])
    command = [node, str(RUNNER), str(MICROPYTHON), str(ROOT / "lib")]
    done = subprocess.run(command, input=sent, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def difference(one, other):
    """Largest difference of numbers relative to max(1, |number|); inf where anything else differs."""
    numbers = (int, float)
    if isinstance(one, numbers) and isinstance(other, numbers) and isinstance(one, bool) == isinstance(other, bool):
        return abs(one - other) / max(1.0, abs(one))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return max((difference(a, b) for a, b in zip(one, other, strict=True)), default=0.0)
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return max((difference(one[key], other[key]) for key in one), default=0.0)
    return 0.0 if one == other else math.inf


def test_every_theory_function_has_inputs():
    assert sorted(INPUTS) == sorted(theory_functions())


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_micropython_equals_cpython(name, cases, results):
    tolerance = WIDER.get(name, TOLERANCE)
    valid = 0
    for (each, arguments), got in zip(cases, results, strict=True):
        if each == name:
            expected = in_cpython(name, arguments)
            valid += "value" in expected
            assert difference(expected, got) <= tolerance, (arguments, expected, got)
    assert valid >= INPUTS_EACH  # the generator draws from the domain
