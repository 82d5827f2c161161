"""Parts that cost nothing: to try out workers and runs folders before hours depend on them. Tests and benchmarks use them."""

import os
import signal
import time
from pathlib import Path

import torch
from torch import Tensor

from lib import seeds
from lib.runs import telling
from lib.runs.tasks import checkpoint


def draw(seed: int, n: int = 3) -> list[float]:
    """n standard normal numbers. Checked by tests/runs/test_tasks.py."""
    return seeds.rng(seed, "rehearsal", "draw").normal(size=n).tolist()


def pause(seed: int, seconds: float, log: str = "") -> list[float]:
    """As :func:`draw`, after a pause of some seconds; adds a line with the seed to the file ``log``, if there is one."""
    time.sleep(seconds)
    if log:
        with Path(log).open("a") as file:
            file.write(f"{seed}\n")
    return draw(seed)


def steps(seed: int, total: int, seconds: float, refused: bool = False) -> list[float]:
    """As :func:`draw`, after so many steps with a pause each, which it tells; ``refused``: it raises ValueError behind them."""
    tell = telling("walk")
    for done in range(1, total + 1):
        time.sleep(seconds)
        tell(done, total, "steps")
    return refuse("the last step") if refused else draw(seed)


def block(seed: int, n: int) -> dict[str, Tensor]:
    """n x n standard normal numbers "x" and their row sums "rows". Checked by tests/runs/test_tasks.py."""
    x = torch.randn(n, n, generator=seeds.generator(seed, "rehearsal", "block"), dtype=torch.float64)
    return {"x": x, "rows": x.sum(1)}


def total(blocks: list[dict[str, Tensor]], scale: float = 1.0) -> float:
    """The sum of all numbers of some blocks, times ``scale``."""
    return scale * sum(block["rows"].sum().item() for block in blocks)


def refuse(word: str) -> None:
    """Raise ValueError with a word."""
    raise ValueError(f"refused: {word}")


def die_once(seed: int, marker: str) -> list[float]:
    """As :func:`draw`; but where the file ``marker`` is not, make it and kill the process that computes."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return draw(seed)


def two_steps(seed: int, marker: str) -> dict[str, object]:
    """A part that keeps a state after its first step, and is killed once before its second: where did it begin the last time?"""
    path = checkpoint("state")
    began = "second" if path is not None and path.exists() else "first"
    if began == "first" and path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("after the first step")
    return {"began": began, "value": die_once(seed, marker)}
