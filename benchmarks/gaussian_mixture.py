"""Batched fits of Gaussian mixtures beside scikit-learn's, in a loop in one process and in as many processes as there are cores.

    python benchmarks/gaussian_mixture.py

Timed: from the points to the fits of B problems, imports and draws left out, after a warm-up. The contenders take turns in fresh
processes. scikit-learn has one thread a process, which is faster than two. Both have their own k-means starts, the same tolerance
and limit of steps; the mean log-likelihoods are printed beside the seconds. See benchmarks/README.md.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch

from lib.models.mixtures.fit import fit
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures
from lib.runs.files import write_json
from lib.runs.provenance import provenance

RESULT = Path(__file__).parent / "results" / "gaussian_mixture.json"
PROBLEM = {"problems": 100, "points": 1000, "components": 6, "dimension": 2}
CORES = len(os.sched_getaffinity(0))
# contender: threads of torch, threads of the linear algebra of scikit-learn
CONTENDERS = {
    "book": CORES,
    "book, one thread": 1,
    "scikit-learn, one process": 1,
    "scikit-learn, all cores": 1,
} | ({"book, GPU": 1} if torch.cuda.is_available() else {})


def points(seed: int) -> torch.Tensor:
    """(B, N, d) points of random mixtures, as Section 4.4 of the Reverse-Bottleneck paper draws them."""
    g = torch.Generator().manual_seed(seed)
    shape = (PROBLEM["problems"], PROBLEM["components"], PROBLEM["dimension"])
    factors = torch.randn(*shape, shape[2], generator=g, dtype=torch.float64)
    truth = GaussianMixtures(
        torch.full(shape[:2], 1 / shape[1], dtype=torch.float64),
        10 * torch.rand(shape, generator=g, dtype=torch.float64),
        factors @ factors.mT + 0.001 * torch.eye(shape[2]),
    )
    return truth.sample(PROBLEM["points"], generator=g)


def one_scikit_fit(x, seed: int) -> float:
    """Mean log-likelihood of scikit-learn's fit."""
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(PROBLEM["components"], random_state=seed).fit(x).score(x)


def fit_all(name: str, x: torch.Tensor, seed: int) -> float:
    """Mean log-likelihood of all fits."""
    if name.startswith("book"):
        found = fit(
            x.cuda() if "GPU" in name else x, PROBLEM["components"], generator=torch.Generator().manual_seed(seed)
        )
        return found.log_likelihood.mean().item()
    if name == "scikit-learn, one process":
        return statistics.mean(one_scikit_fit(each, seed) for each in x.numpy())
    import joblib

    return statistics.mean(joblib.Parallel(CORES)(joblib.delayed(one_scikit_fit)(each, seed) for each in x.numpy()))


def time_contender(name: str, seed: int) -> dict[str, float]:
    torch.set_num_threads(CONTENDERS[name])
    fit_all(name, points(seed + 1000), seed)  # all of it: also joblib's processes and imports
    x = points(seed)
    start = time.perf_counter()
    reached = fit_all(name, x, seed)
    return {"seconds": time.perf_counter() - start, "log_likelihood": reached}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="timed runs of each contender")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--task", choices=tuple(CONTENDERS), help=argparse.SUPPRESS)  # one process's share
    arguments = parser.parse_args()
    if arguments.task:
        print(json.dumps(time_contender(arguments.task, arguments.seed)))
        return

    runs = {name: [] for name in CONTENDERS}
    for round_number in range(arguments.rounds):
        for name, threads in CONTENDERS.items():
            limits = {
                "OPENBLAS_NUM_THREADS": str(threads),
                "OMP_NUM_THREADS": str(threads),
                "MKL_NUM_THREADS": str(threads),
            }
            command = [sys.executable, __file__, "--task", name, "--seed", str(arguments.seed + round_number)]
            done = subprocess.run(command, env=os.environ | limits, capture_output=True, text=True, check=True)
            runs[name].append(json.loads(done.stdout))
    seconds = {name: statistics.median(run["seconds"] for run in each) for name, each in runs.items()}
    reached = {name: statistics.mean(run["log_likelihood"] for run in each) for name, each in runs.items()}
    ratios = {name: seconds["scikit-learn, one process"] / value for name, value in seconds.items()}
    print(f"{'contender':28} {'median s':>9} {'min s':>7} {'max s':>7} {'ratio':>6} {'log-likelihood':>15}")
    for name, each in runs.items():
        times = [run["seconds"] for run in each]
        print(
            f"{name:28} {seconds[name]:9.3f} {min(times):7.3f} {max(times):7.3f} {ratios[name]:6.1f} {reached[name]:15.4f}"
        )
    write_json(
        RESULT,
        {
            "timed": "from points to fits, imports and draws left out",
            "problem": PROBLEM,
            "cores": CORES,
            "seconds": {name: [round(run["seconds"], 4) for run in each] for name, each in runs.items()},
            "median_seconds": {name: round(value, 4) for name, value in seconds.items()},
            "ratio_to_one_process_of_scikit_learn": {name: round(value, 2) for name, value in ratios.items()},
            "mean_log_likelihood": {name: round(value, 5) for name, value in reached.items()},
            "provenance": provenance(),
        },
    )


if __name__ == "__main__":
    main()
