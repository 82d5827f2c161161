"""Speed of the exact ridge theory and of its simulation, each beside a peer in the same run.

    python benchmarks/random_matrices.py

The peers are what one would first write: eq. 7 iterated from a start until it rests; scipy's brentq with a difference
quotient; and, for the simulation, its matrix products alone. See benchmarks/README.md.
"""

import math
import random
import statistics
import time
from pathlib import Path

import torch
from scipy.optimize import brentq

from lib.models.linear.ridge_mix import simulate_ridge
from lib.runs.files import write_json
from lib.runs.provenance import provenance
from lib.theory.gaussian import cdf
from lib.theory.random_matrices.equation import GENERATORS
from lib.theory.random_matrices.ridge import ridge
from lib.theory.random_matrices.synthetic_only import synthetic_only
from lib.threads import set_threads

RESULT = Path(__file__).parent / "results" / "random_matrices.json"
ROUNDS = 7
NAMES = ("p", "n", "m", "n_hat", "mu_norm", "gamma", "epsilon", "psi", "phi")
POINT = {"p": 500, "n": 1000, "m": 4000, "n_hat": 1000, "mu_norm": 0.7, "gamma": 1.0, "epsilon": 0.2693}


def figure_4(accuracy) -> None:
    """Four curves of 150 points, as the paper draws them."""
    for m in (100, 1000, 10**4, 10**5):
        for i in range(150):
            accuracy(p=100, m=m, mu_norm=1.0, gamma=1.0, epsilon=i / 149, psi=0.3, phi=0.8)


def iterated(p, m, mu_norm, gamma, epsilon, psi, phi) -> float:
    """Corollary 4.3 (corrected) with delta_s from iterating its fixed point to 1e-12."""
    alpha, lam = phi * (1 - epsilon) + psi * epsilon, phi * (1 - epsilon) - psi * epsilon
    eta, mu2, delta = p / m, mu_norm**2, 0.5
    while True:
        new = eta / (gamma + alpha / (1 + delta))
        if abs(new - delta) < 1e-12:
            break
        delta = new
    b = alpha + gamma * (1 + delta)
    d, lost = alpha * mu2 + b, alpha * eta / b**2
    mean = lam * mu2 / d
    second = lam**2 * mu2 / ((1 - lost) * d) * ((mu2 + 1) / d - 2 * lost / alpha) + lost / (1 - lost)
    return cdf(mean / math.sqrt(second - mean**2))


def settings(count: int, seed: int = 1) -> list[dict]:
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        n = rng.randint(1, 5000)
        sizes = (rng.randint(1, 3000), n, rng.randint(0, 10 ** rng.randint(1, 6)), rng.randint(1, n))
        values = (*sizes, rng.uniform(0, 3), 10 ** rng.uniform(-3, 2), rng.random(), rng.random(), rng.random())
        found.append(dict(zip(NAMES, values, strict=True)))
    return found


def exact(cases: list[dict]) -> int:
    """All three generators; how many settings have no finite answer."""
    return sum(
        not math.isfinite(ridge(**case, generator=generator).accuracy) for case in cases for generator in GENERATORS
    )


def by_brentq(cases: list[dict]) -> int:
    """The generator that knows the mean only: scipy's root, the variance by a difference quotient; how many are far off."""
    far = 0
    for case in cases:
        p, n, m, n_hat, mu_norm, gamma, epsilon, psi, phi = case.values()
        total, alpha = n + m, phi * (1 - epsilon) + psi * epsilon
        lam, mu2, kept = phi * (1 - epsilon) - psi * epsilon, mu_norm**2, alpha * m / total

        def parts(x, n=n, n_hat=n_hat, total=total, kept=kept):
            linear = 1 + x - kept * total / n_hat * x
            delta_g = (-linear + math.sqrt(linear**2 + 4 * kept * total / n_hat * x)) / 2
            delta_s = x / (1 + delta_g)
            kappa = kept / (1 + delta_s)
            return delta_s, kappa, n / total / (1 + x), kappa / (1 + delta_g)

        def functional(penalty, p=p, total=total, mu2=mu2, ratio=lam / alpha, parts=parts):
            x = brentq(lambda x: (penalty + sum(parts(x)[2:])) * x - p / total, 0, p / total / penalty, xtol=1e-15)
            delta_s, kappa, own, damped = parts(x)
            c = own + kappa * ratio
            mean = c * mu2 / (penalty + own + damped + (own + kappa) * mu2)
            return c * mean + own * x + kappa * delta_s

        variance = (functional(gamma * (1 - 1e-4)) - functional(gamma * (1 + 1e-4))) / (2e-4 * gamma)
        expected = ridge(**case).variance
        far += not abs(variance / expected - 1) < 1e-3
    return far


def simulate(repeats: int = 4) -> None:
    random_state = torch.Generator().manual_seed(1)
    simulate_ridge(**POINT, psi=0.0, phi=1.0, generators=["shared"], repeats=repeats, random=random_state)


def products(repeats: int = 4) -> None:
    """The matrix products of ``simulate`` and no more: three Gram matrices, and the root on both sides of the last."""
    p, n, m, n_hat = (POINT[key] for key in ("p", "n", "m", "n_hat"))
    for _ in range(repeats):
        for rows in (n, n_hat, m):
            gram = BLOCK[:rows].mT @ BLOCK[:rows]
        _ = BLOCK[:p] @ gram @ BLOCK[:p].mT


BLOCK = torch.randn(POINT["m"], POINT["p"], dtype=torch.float64)


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    set_threads()
    cases = settings(1000)
    without_answer, far = exact(cases), by_brentq(cases)
    tasks = {
        "figure_4_exact": lambda: figure_4(lambda **setting: synthetic_only(**setting).accuracy),
        "figure_4_iterated": lambda: figure_4(iterated),
        "settings_exact_three_generators": lambda: exact(cases),
        "settings_brentq_known_mean": lambda: by_brentq(cases),
        "point_simulated": simulate,
        "point_products": products,
    }
    seconds = {name: [] for name in tasks}
    for name, work in list(tasks.items()) * ROUNDS:  # in turn, so that a disturbance meets all
        seconds[name].append(timed(work))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    result = {
        "provenance": provenance(),
        "threads": torch.get_num_threads(),
        "seconds": seconds,
        "ratios": {
            "figure 4, iterated / exact": medians["figure_4_iterated"] / medians["figure_4_exact"],
            "a setting, brentq / exact": medians["settings_brentq_known_mean"]
            / (medians["settings_exact_three_generators"] / 3),
            "a point of Figure 3, simulated / its products": medians["point_simulated"] / medians["point_products"],
        },
        "of_1000_settings": {"without_an_answer": without_answer, "far_off_by_difference_quotient": far},
    }
    for name, value in medians.items():
        print(f"{name:35s} {1000 * value:9.1f} ms")
    for name, value in result["ratios"].items():
        print(f"{name:50s} {value:6.2f}")
    print(result["of_1000_settings"])
    write_json(RESULT, result)


if __name__ == "__main__":
    main()
