"""How long a notebook works: the age of its process, and what the parts took that an earlier run had computed for it."""

import time

import psutil

_found = [0.0]


def found(seconds: float) -> None:
    """Count the seconds of parts that lay ready: the notebook shows their numbers, so its work includes them.

    Checked by tests/runs/test_sweep.py.
    """
    _found[0] += seconds


def worked() -> float:
    """Seconds of the process so far, give or take one: a notebook's work starts with its kernel. And those of :func:`found`.

    Checked by tests/claims/test_ledger.py and tests/runs/test_sweep.py.
    """
    return time.time() - psutil.Process().create_time() + _found[0]
