"""A sweep of named parts beside a bare loop, and two local workers beside one: overhead a part and efficiency, in one run.

Usage: python benchmarks/sweep.py. Writes benchmarks/results/sweep.json.
"""

import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from lib.experiments import rehearsal
from lib.runs import Run, Task
from lib.runs.executors import Here, Workers
from lib.runs.provenance import provenance
from lib.runs.store import Store
from lib.runs.sweep import sweep

PARTS = 200  # of no length: what is left is overhead
SECONDS, LONG_PARTS = 1.0, 20  # of the sweep that tells the efficiency
REPEATS = 3


def overhead(executor, folder: Path) -> float:
    """Seconds a part beyond a bare loop over the same function."""
    tasks = [Task("rehearsal.draw", seed=seed) for seed in range(PARTS)]
    start = time.perf_counter()
    sweep(tasks, Store(folder), executor, {})
    swept = time.perf_counter() - start
    start = time.perf_counter()
    for seed in range(PARTS):
        rehearsal.draw(seed)
    return (swept - (time.perf_counter() - start)) / PARTS


def efficiency(executor, folder: Path) -> float:
    """Seconds of the parts themselves over twice the seconds of a sweep by two workers, which have started."""
    tasks = [Task("rehearsal.pause", seed=seed, seconds=SECONDS) for seed in range(LONG_PARTS)]
    start = time.perf_counter()
    sweep(tasks, Store(folder), executor, {})
    return SECONDS * LONG_PARTS / 2 / (time.perf_counter() - start)


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        os.environ["BOOK_RUNS"], os.environ["BOOK_PROGRESS"] = place, f"{place}/progress.json"
        runs = Path(place)
        start = time.perf_counter()
        workers = Workers("2")
        Run("warm/up", {"profile": "laptop"}).part(Task("rehearsal.draw", seed=0))
        sweep([Task("rehearsal.draw", seed=seed) for seed in range(20)], Store(runs / "warm"), workers, {})
        started = time.perf_counter() - start
        rows = []
        for k in range(REPEATS):
            rows.append(
                {
                    "overhead here / ms": 1e3 * overhead(Here(), runs / f"here{k}"),
                    "overhead two workers / ms": 1e3 * overhead(workers, runs / f"there{k}"),
                    "efficiency of two workers": efficiency(workers, runs / f"long{k}"),
                }
            )
        workers.close()
    medians = {name: round(statistics.median(row[name] for row in rows), 4) for name in rows[0]}
    content = {
        "parts": PARTS,
        "long parts": LONG_PARTS,
        "seconds a long part": SECONDS,
        "start of two workers / s": round(started, 1),
        "medians": medians,
        "repeats": rows,
        "provenance": provenance(),
    }
    target = Path(__file__).parent / "results" / "sweep.json"
    target.write_text(json.dumps(content, indent=1) + "\n")
    print(json.dumps({**medians, "start of two workers / s": content["start of two workers / s"]}, indent=1))


if __name__ == "__main__":
    main()
