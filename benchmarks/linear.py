"""Nested least squares beside plain numpy, on one repeat of Section 4 of "Beyond Model Collapse".

    python benchmarks/linear.py

Timed: from a seed to the coefficients of six selections at twelve sizes, imports left out. Each contender runs in a
process of its own, in turn, with the same number of threads, after a warm-up on a hundredth of the rows. Its peak memory
is that of its whole process. Both are then given the same draws, to compare coefficients. See benchmarks/README.md.
"""

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from lib.runs.files import write_json
from lib.runs.provenance import provenance

RESULT = Path(__file__).parent / "results" / "linear.json"
# N0 = 1000 real examples, N1 = 10^6 synthesized; sizes from 200 (above d) to 500 000 (below what any selection keeps)
PROBLEM = {
    "real": 1000,
    "synthetic": 10**6,
    "dimension": 107,
    "tau": 0.15,
    "sizes": [round(200 * 2500 ** (k / 11)) for k in range(12)],
}
CONTENDERS = ("linear_book", "linear_numpy")


def peak_mib() -> float:
    """Peak resident memory of this process so far. Linux; getrusage would report the parent's if that was larger."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


def time_contender(name: str, seed: int, threads: int) -> dict[str, float]:
    """Seconds and peak memory of one repeat in this process."""
    coefficients = importlib.import_module(name).coefficients
    small = {"synthetic": PROBLEM["synthetic"] // 100, "sizes": [200, 2000]}
    coefficients(seed=seed, threads=threads, **(PROBLEM | small))
    start = time.perf_counter()
    coefficients(seed=seed, threads=threads, **PROBLEM)
    return {"seconds": time.perf_counter() - start, "peak_mib": peak_mib()}


def largest_difference(seed: int, threads: int) -> dict[str, float]:
    """Largest absolute difference of the coefficients, and the largest coefficient, when both fit the same draws."""
    import numpy as np

    book, plain = (importlib.import_module(name) for name in CONTENDERS)
    streamed = book.coefficients(seed=seed, threads=threads, **PROBLEM)
    draw = {key: value for key, value in PROBLEM.items() if key != "sizes"}
    batches = list(zip(*book.draw_repeat(seed=seed, **draw), strict=True))
    x = np.concatenate([part.numpy() for part in batches[0]]).astype(np.float64)
    targets, kept = (np.concatenate([part.numpy() for part in parts], axis=1) for parts in batches[1:])
    refitted = plain.fit_sizes(x, targets.astype(np.float64), kept, PROBLEM["sizes"])
    return {"difference": float(np.abs(streamed - refitted).max()), "coefficient": float(np.abs(refitted).max())}


def in_own_process(task: str, seed: int, threads: int) -> dict[str, float]:
    limits = {"BOOK_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, __file__, "--task", task, "--seed", str(seed), "--threads", str(threads)]
    return json.loads(
        subprocess.run(command, env=os.environ | limits, capture_output=True, text=True, check=True).stdout
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="timed runs of each contender")
    parser.add_argument(
        "--threads", type=int, default=int(os.environ.get("BOOK_THREADS", len(os.sched_getaffinity(0))))
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--task", choices=(*CONTENDERS, "difference"), help=argparse.SUPPRESS)  # one process's share
    arguments = parser.parse_args()
    if arguments.task == "difference":
        print(json.dumps(largest_difference(arguments.seed, arguments.threads)))
        return
    if arguments.task:
        print(json.dumps(time_contender(arguments.task, arguments.seed, arguments.threads)))
        return

    runs = {name: [] for name in CONTENDERS}
    for round_number in range(arguments.rounds):
        for name in CONTENDERS:
            runs[name].append(in_own_process(name, arguments.seed + round_number, arguments.threads))
    seconds = {name: statistics.median(run["seconds"] for run in runs[name]) for name in CONTENDERS}
    peaks = {name: max(run["peak_mib"] for run in runs[name]) for name in CONTENDERS}
    same_draws = in_own_process("difference", arguments.seed, arguments.threads)
    ratio = seconds["linear_numpy"] / seconds["linear_book"]

    print(f"{'contender':14} {'median s':>9} {'min s':>7} {'max s':>7} {'peak MiB':>9}")
    for name in CONTENDERS:
        times = [run["seconds"] for run in runs[name]]
        print(f"{name:14} {seconds[name]:9.2f} {min(times):7.2f} {max(times):7.2f} {peaks[name]:9.0f}")
    print(f"ratio of medians {ratio:.1f}")
    print(
        f"same draws: largest difference {same_draws['difference']:.1e}, largest coefficient {same_draws['coefficient']:.1f}"
    )
    write_json(
        RESULT,
        {
            "timed": "from seed to coefficients, imports left out",
            "problem": PROBLEM | {"selections": 6},
            "threads": arguments.threads,
            "seconds": {name: [round(run["seconds"], 3) for run in runs[name]] for name in CONTENDERS},
            "median_seconds": {name: round(value, 3) for name, value in seconds.items()},
            "ratio": round(ratio, 2),
            "peak_mib": {name: round(value) for name, value in peaks.items()},
            "same_draws": same_draws,
            "provenance": provenance(),
        },
    )


if __name__ == "__main__":
    main()
